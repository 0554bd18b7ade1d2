import type { Plain, Scope } from '../../common/index.js';
import type { RunsService } from '../../executions/index.js';
import type { AlertStatusService } from '../../alerts/index.js';
import type { CompareService } from '../../gates/index.js';
import type { DerivedMetricsService, MetricFilter, MetricsService, TimeRange } from '../../metrics/index.js';
import type { ClustersService, QualityService, TestsService } from '../../quality/index.js';
import type { SeriesReader, TrendsService } from '../../trends/index.js';
import type { GridSize } from '../domain/layout.js';
import type { FiguresService } from './figures.service.js';
import type { WidgetLinks } from './links.js';

/** Whom a widget may ask; never a collection of another feature. */
export interface WidgetSources {
  readonly metrics: MetricsService;
  readonly derived: DerivedMetricsService;
  readonly figures: FiguresService;
  readonly series: SeriesReader;
  readonly trends: TrendsService;
  readonly quality: QualityService;
  readonly tests: TestsService;
  readonly clusters: ClustersService;
  readonly runs: RunsService;
  readonly compare: CompareService;
  readonly alerts: AlertStatusService;
}

/** One widget on one dashboard, seen by somebody. */
export interface WidgetContext {
  readonly scope: Scope;
  /** The dashboard's filter, narrowed by the widget's. */
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  readonly links: WidgetLinks;
  readonly sources: WidgetSources;
}

/**
 * What of a commit can change a widget. filter: a run that its filter and range admit; projects: any run of its projects
 * in its range or somewhat before
 * (judgements look at neighbours, too); runs: any run of its projects, whenever it was; nothing: its content is its options.
 */
export type Reach = 'filter' | 'projects' | 'runs' | 'nothing';

/** One type of widgets: what it takes, what it answers, and how. `options` were validated against `optionsDto`. */
export interface WidgetType<Options extends object = object, Data extends object = object> {
  /** Part of the public contract. */
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly optionsDto: new () => Options;
  readonly dataDto: new () => Data;
  /** Size on a new dashboard, of twelve columns. */
  readonly size: GridSize;
  /** Answers with data on the demo. */
  readonly example: { readonly title: string; readonly options: Readonly<Record<string, unknown>> };
  readonly reach: Reach;
  /** Figures change as time goes by, without new data: a period ends, a test becomes old. */
  readonly ages?: true;
  /** Names what it shows besides what the commit log tells; another text, other data. */
  versionOf?(context: WidgetContext, options: Options): Promise<string>;
  compute(context: WidgetContext, options: Options): Promise<Plain<Data>>;
}
