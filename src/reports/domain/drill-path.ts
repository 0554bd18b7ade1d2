import { invalid } from '../../common/index.js';
import { DIMENSIONS, NONE, type Dimension } from '../../metrics/index.js';

/** From the whole to the smallest part; a drill-down goes from left to right and may leave out steps. */
export const HIERARCHY = ['organization', 'team', 'project', 'suite', 'test', 'result', 'step'] as const;
/** Across the hierarchy: by time, and by cause. */
export const LEVELS = [...HIERARCHY, 'day', 'hour', 'cluster'] as const;
export type Level = (typeof LEVELS)[number];

/** What a path may name besides the dimensions that reports group by. */
const SPECIAL = ['organization', 'result', 'day', 'hour', 'cluster'] as const;
export type PathKind = Dimension | (typeof SPECIAL)[number];
const KINDS: ReadonlySet<string> = new Set<PathKind>([...DIMENSIONS, ...SPECIAL]);

/** One step down: what was chosen. The empty text stands for "none". */
export interface PathSegment {
  readonly kind: PathKind;
  readonly value: string;
}

const MAX_SEGMENTS = 12;

const broken = (detail: string) =>
  invalid('invalid_path', 'The path of the drill-down cannot be read', [{ pointer: '/path', detail }]);

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw broken('values are percent-encoded: write % as %25');
  }
};

const segmentOf = (text: string): PathSegment | undefined => {
  const colon = text.indexOf(':');
  const kind = text.slice(0, Math.max(0, colon));
  if (!KINDS.has(kind)) return undefined;
  return { kind: kind as PathKind, value: decode(text.slice(colon + 1)) };
};

/**
 * Reads `project:web/suite:checkout%2Fcart`: segments `kind:value`, values percent-encoded, separated by `/` or given as
 * repeated parameters. A part that names no kind goes on with the value before it, so `suite:checkout/cart` is understood
 * too. No path is no segments.
 * @throws DomainError 422 `invalid_path`
 */
export const parsePath = (path: string | readonly string[] | undefined): PathSegment[] => {
  const segments: PathSegment[] = [];
  for (const text of path === undefined ? [] : [path].flat().flatMap((part: string) => part.split('/'))) {
    if (text === '') continue;
    const segment = segmentOf(text);
    const last = segments.at(-1);
    if (segment) segments.push(segment);
    else if (last) segments[segments.length - 1] = { ...last, value: `${last.value}/${decode(text)}` };
    else throw broken(`begins with one of: ${[...KINDS].join(', ')}`);
  }
  if (segments.length > MAX_SEGMENTS) throw broken(`has at most ${MAX_SEGMENTS} parts`);
  return segments.map(({ kind, value }) => ({ kind, value: value === NONE ? '' : value }));
};

export const formatPath = (segments: readonly PathSegment[]): string =>
  segments.map(({ kind, value }) => `${kind}:${encodeURIComponent(value === '' ? NONE : value)}`).join('/');

const rankOf = (kind: string): number => (HIERARCHY as readonly string[]).indexOf(kind);

/** The levels that can be asked for below a path, the natural next one first. */
export const levelsBelow = (kinds: readonly PathKind[]): Level[] => {
  if (kinds.includes('result')) return ['step'];
  if (kinds.includes('cluster')) return ['result'];
  const deepest = Math.max(-1, ...kinds.map(rankOf));
  const down = HIERARCHY.filter((level, rank) => rank > deepest && level !== 'step');
  const hour: Level[] = kinds.includes('hour') ? [] : ['hour'];
  const time: Level[] = kinds.includes('day') || kinds.includes('hour') ? hour : ['day', ...hour];
  return kinds.at(-1) === 'day' ? [...time, ...down, 'cluster'] : [...down, ...time, 'cluster'];
};

/** Where the children of a row of a level lie. */
export const nextLevel = (kinds: readonly PathKind[]): Level => levelsBelow(kinds)[0] ?? 'result';
