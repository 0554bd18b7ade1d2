import type { AliasLink } from '../../definitions/definition.js';
import type { CollectedDay, CollectedRows, ScannedRun } from '../outcome-collector.js';
import type { PackedClusters, PackedJudged } from './packed-judged.js';

/** What the thread is told. Rows are known by a number, so that each is sent once however many jobs read it. */
export type JudgingMessage =
  | { readonly do: 'know'; readonly id: number; readonly rows: CollectedRows }
  | { readonly do: 'forget'; readonly id: number }
  | { readonly do: 'begin'; readonly job: number; readonly aliases: readonly AliasLink[] }
  | { readonly do: 'add'; readonly job: number; readonly id: number; readonly day: Omit<CollectedDay, 'rows'> }
  | { readonly do: 'runs'; readonly job: number }
  | { readonly do: 'judge'; readonly job: number; readonly excluded: ReadonlySet<string>; readonly now: number }
  | { readonly do: 'clusters'; readonly job: number }
  | { readonly do: 'drop'; readonly job: number };

/** What it answers to `runs`, `judge` and `clusters`. */
export type JudgingAnswer = { readonly job: number } & (
  | { readonly runs: readonly ScannedRun[] }
  | { readonly judged: PackedJudged }
  | { readonly clusters: PackedClusters }
  | { readonly error: string }
);
