import type { Scope } from '../../common/index.js';
import type { AsOf } from '../../metrics/index.js';
import type { PathSegment } from './drill-path.js';
import type { Narrowed } from './narrow.js';
import type { CellPlace, ReportHead } from './report.js';

/** Where a drill-down stands: the part of the report, and all that its levels need. */
export interface DrillContext {
  readonly head: ReportHead;
  readonly place: CellPlace;
  readonly path: readonly PathSegment[];
  readonly scope: Scope;
  readonly narrowed: Narrowed;
  readonly asOf: AsOf;
  /** What the cell itself says, where nothing narrows it further. */
  readonly executions?: number;
}
