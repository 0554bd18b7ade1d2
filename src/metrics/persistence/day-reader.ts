import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Slices } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { sizeOfBlock, unpackDayBlock, type DayBlock } from '../domain/day-block.js';
import { groupId, sizeOfRows } from '../domain/rows-codec.js';
import type { GroupKey, Rows } from '../domain/rows.js';
import { wholeDay } from '../domain/whole-day.js';
import type { DayState } from './days.repository.js';
import type { Overlay } from './overlay.service.js';
import { ReadIndex } from './read-index.js';
import { RunSummariesRepository, type DayPart, type SummaryHead } from './run-summaries.repository.js';
import { SealedDaysRepository, type BlockKind } from './sealed-days.repository.js';
import { VanishingRuns } from './vanishing-runs.js';

/** A day answered from the rows of its runs, and which generation of which run that was. */
export interface OpenDay {
  readonly rows: readonly Rows[];
  readonly generations: readonly (readonly [runId: string, generation: number])[];
  /** It holds a run that is about to leave the day, although the version of the day is the new one already. */
  readonly isPassing?: boolean;
}

interface Cached {
  readonly version: number;
  readonly value: DayBlock | OpenDay;
  readonly bytes: number;
}

/** The forms that a sealed day is read in, see `DayPlan`. */
export const DAY_FORMS = ['totals', 'totalsBySlot', 'byDay', 'bySlot'] as const;
type DayForm = (typeof DAY_FORMS)[number];

/** Whole days without groups are not stored: added up once from the quarter hours, they are kept like the others. */
const STORED: Readonly<Record<DayForm, BlockKind>> = {
  totals: 'totals',
  totalsBySlot: 'totals',
  byDay: 'byDay',
  bySlot: 'bySlot',
};

const INTERN_LIMIT = 100_000;

/**
 * Decoded days, from the sealed documents where they stand at the day's version and from run summaries otherwise. A
 * sealed day never changes under its version, so what was decoded once is kept, within DAY_CACHE_MB.
 */
@Injectable()
export class DayReader {
  private readonly cache: LRUCache<string, Cached>;
  private readonly groups = new Map<string, GroupKey>();

  constructor(
    private readonly index: ReadIndex,
    private readonly sealed: SealedDaysRepository,
    private readonly summaries: RunSummariesRepository,
    private readonly vanishing: VanishingRuns,
    config: AppConfig,
  ) {
    this.cache = new LRUCache({ maxSize: config.dayCacheMb * 1024 * 1024, sizeCalculation: (entry) => entry.bytes });
  }

  /** The rollup of each day that is sealed; the days that are not have to be read as rows. */
  async blocks(
    projectId: string,
    form: DayForm,
    days: readonly DayState[],
    slices: Slices,
  ): Promise<{ blocks: Map<number, DayBlock>; open: DayState[] }> {
    const states = await this.settle(projectId, days);
    const blocks = new Map<number, DayBlock>();
    const missing: DayState[] = [];
    for (const state of states) {
      if (state.sealed !== state.version) continue;
      const cached = this.cache.get(`${form}:${projectId}:${state.day}`);
      if (cached?.version === state.version) blocks.set(state.day, cached.value as DayBlock);
      else missing.push(state);
    }
    await this.fetchBlocks(projectId, form, missing, blocks, slices);
    return { blocks, open: states.filter((state) => !blocks.has(state.day)) };
  }

  private async fetchBlocks(
    projectId: string,
    form: DayForm,
    missing: readonly DayState[],
    blocks: Map<number, DayBlock>,
    slices: Slices,
  ): Promise<void> {
    if (missing.length === 0) return;
    const versions = new Map(missing.map((state) => [state.day, state.version]));
    for (const packed of await this.sealed.blocks(projectId, STORED[form], [...versions.keys()])) {
      if (versions.get(packed.day) !== packed.version) continue;
      const stored = unpackDayBlock(packed.bytes, this.intern);
      const block = form === 'totals' ? wholeDay(stored) : stored;
      blocks.set(packed.day, block);
      this.remember(`${form}:${projectId}:${packed.day}`, packed.version, block, sizeOfBlock(block));
      await slices.pause();
    }
  }

  /**
   * The rows of each day.
   * @param parts the parts that hold the suites asked for, where only some are
   * @param position that the read stands for
   * @param overlay what to read differently so that the past is answered
   */
  async rows(
    projectId: string,
    days: readonly DayState[],
    options: { readonly position: number; readonly parts?: readonly number[]; readonly overlay?: Overlay },
    slices: Slices,
  ): Promise<Map<number, OpenDay>> {
    const { position, parts, overlay } = options;
    const states = await this.settle(projectId, days);
    const found = new Map<number, OpenDay>();
    const whole = (day: number): string => `rows:${projectId}:${day}`;
    const key = (day: number): string => (parts ? `${whole(day)}:${parts.join()}` : whole(day));
    const wanted = states.filter(({ day, version }) => {
      if (overlay?.days.has(day)) return true;
      const cached = [whole(day), key(day)].map((name) => this.cache.get(name)).find((one) => one?.version === version);
      if (cached) found.set(day, cached.value as OpenDay);
      return !cached;
    });
    const sealed = wanted.filter((state) => state.sealed === state.version && !overlay?.days.has(state.day));
    const versions = new Map(sealed.map((state) => [state.day, state.version]));
    const read = sealed.length > 0 ? await this.sealed.rowsOf(projectId, versions, parts) : new Map<number, Rows[]>();
    for (const [day, rows] of read) {
      found.set(day, { rows, generations: [] });
      this.remember(key(day), versions.get(day)!, { rows, generations: [] }, sizeOf(rows));
      await slices.pause();
    }
    const open = wanted.filter((state) => !found.has(state.day));
    for (const [day, value] of await this.openDays(projectId, open, { position, overlay }, slices)) {
      found.set(day, value);
      const version = open.find((state) => state.day === day)!.version;
      // counted again, although its runs are: they may be forgotten first, and their rows live on in it
      if (!overlay?.days.has(day) && !value.isPassing) this.remember(whole(day), version, value, sizeOf(value.rows));
    }
    return found;
  }

  private async openDays(
    projectId: string,
    open: readonly DayState[],
    { position, overlay }: { readonly position: number; readonly overlay: Overlay | undefined },
    slices: Slices,
  ): Promise<Map<number, OpenDay>> {
    if (open.length === 0) return new Map();
    const days = open.map((state) => state.day);
    const parts = await this.partsOfDays(projectId, days, slices);
    const vanishing = Map.groupBy(await this.vanishing.partsAt(projectId, days, position), ({ day }) => day);
    return new Map(
      [...parts].map(([day, found]) => {
        const replaced = overlay?.days.has(day) ? overlay : undefined;
        const leaving = (vanishing.get(day) ?? []).map(({ part }) => part);
        const kept = [...found, ...leaving].filter((part) => !replaced?.runs.has(part.runId));
        return [
          day,
          {
            rows: [...kept.map((part) => part.rows), ...(replaced?.parts.get(day) ?? [])],
            generations: replaced ? [] : kept.map((part) => [part.runId, part.generation] as const),
            isPassing: leaving.length > 0,
          },
        ];
      }),
    );
  }

  /** What the days consist of; of runs that have not changed since they were read last, only that they are there. */
  private async partsOfDays(
    projectId: string,
    days: readonly number[],
    slices: Slices,
  ): Promise<Map<number, DayPart[]>> {
    const byDay = new Map<number, DayPart[]>(days.map((day) => [day, []]));
    const heads = await this.summaries.headsOfDays(projectId, days);
    // taken in hand before anything else is read: what is only remembered may be gone by then
    const known = heads.map((head) => ({
      runId: head.runId,
      parts: head.days.filter((day) => byDay.has(day)).map((day) => ({ day, part: this.knownPart(head, day) })),
    }));
    const unknown = known.filter(({ parts }) => parts.some(({ part }) => !part));
    const runIds = unknown.map(({ runId }) => runId);
    const read = await this.summaries.partsOfRuns(projectId, runIds, slices);
    for (const { runId, parts } of known)
      for (const { day, part } of read.get(runId) ?? parts)
        if (part && part.state !== 'deleted') byDay.get(day)?.push(part);
    for (const parts of read.values())
      for (const { day, part } of parts) {
        const value = { rows: [part.rows], generations: [] };
        this.remember(partKey(part, day), part.generation, value, sizeOfRows(part.rows));
      }
    return byDay;
  }

  private knownPart(head: SummaryHead, day: number): DayPart | undefined {
    const cached = this.cache.get(partKey(head, day));
    if (cached?.version !== head.generation) return undefined;
    const [rows] = (cached.value as OpenDay).rows;
    return rows && { ...head, rows };
  }

  /** Days that looked unsealed are looked at again: the sealer works without commits. */
  private async settle(projectId: string, days: readonly DayState[]): Promise<readonly DayState[]> {
    const unsealed = days.filter((state) => state.sealed !== state.version);
    if (unsealed.length === 0) return days;
    const current = new Map(
      (
        await this.index.currentStates(
          projectId,
          unsealed.map((state) => state.day),
        )
      ).map((state) => [state.day, state]),
    );
    return days.map((state) => {
      const now = current.get(state.day);
      return now?.version === state.version ? now : state;
    });
  }

  private remember(key: string, version: number, value: DayBlock | OpenDay, bytes: number): void {
    this.cache.set(key, { version, value, bytes: Math.max(1, bytes) });
  }

  private readonly intern = (group: GroupKey): GroupKey => {
    const id = groupId(group);
    const known = this.groups.get(id);
    if (known) return known;
    if (this.groups.size >= INTERN_LIMIT) this.groups.clear();
    this.groups.set(id, group);
    return group;
  };
}

const partKey = ({ runId, state }: Pick<DayPart, 'runId' | 'state'>, day: number): string =>
  `run:${runId}:${day}:${state}`;

const sizeOf = (rows: readonly Rows[]): number => rows.reduce((sum, part) => sum + sizeOfRows(part), 0);
