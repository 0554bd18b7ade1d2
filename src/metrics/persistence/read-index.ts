import { Injectable } from '@nestjs/common';
import { isFresh } from '../../common/index.js';
import { CommitLog, TAIL_LIMIT, type Commit } from '../../executions/index.js';
import { DaysRepository, type DayState } from './days.repository.js';

/** What this process knows of one project, as of the position of its newest commit. */
export interface ProjectState {
  /** Position and time of the project's newest commit; 0 when it has none. */
  readonly position: number;
  readonly committedAt?: Date;
  /** Moves with every change of what people have defined: aliases, outages, weights. */
  readonly definedAt: number;
  readonly days: ReadonlyMap<number, DayState>;
}

interface Entry {
  position: number;
  committedAt?: Date;
  definedAt: number;
  /** Replaced, never changed: whoever holds it goes on with what it was. */
  days: ReadonlyMap<number, DayState>;
  /** When a day that was not sealed was looked at last, `performance.now()`. */
  lookedAt: Map<number, number>;
}

/** A day that was not sealed a moment ago is not looked at again: its rows say the same as its rollup. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Follows the commit log, so that a query learns with one small read what has changed since the last one, and needs no
 * other when nothing has. It only caches: thrown away, it is rebuilt from the log and the days.
 */
@Injectable()
export class ReadIndex {
  private position = -1;
  private readonly projects = new Map<string, Entry>();
  private wanted = new Set<string>();
  private running: Promise<void> = Promise.resolve();
  private runningSince = -1;
  private followedAt = -1;
  private waiting: Promise<void> | undefined;

  constructor(
    private readonly log: CommitLog,
    private readonly days: DaysRepository,
  ) {}

  /**
   * The given projects at the newest commit: what was committed before the call is in the answer. The log is read while
   * one still finds out which projects they are.
   */
  async refresh(projectIds: Promise<readonly string[]>): Promise<Map<string, ProjectState>> {
    const [ids] = await Promise.all([projectIds, this.follow([])]);
    if (ids.some((id) => !this.projects.has(id))) await this.follow(ids);
    return new Map(ids.map((id) => [id, snapshot(this.projects.get(id)!)]));
  }

  /** Asks again for days that were not sealed when last seen, since sealing leaves no commit. */
  async currentStates(projectId: string, days: readonly number[]): Promise<DayState[]> {
    const entry = this.projects.get(projectId);
    const now = performance.now();
    const due = days.filter((day) => now - (entry?.lookedAt.get(day) ?? -LOOK_AGAIN_MS) >= LOOK_AGAIN_MS);
    if (due.length === 0) return [];
    const states = await this.days.find(projectId, due);
    if (!entry) return states;
    const same = states.filter((state) => entry.days.get(state.day)?.version === state.version);
    entry.days = withStates(entry.days, same);
    for (const { day, sealed, version } of states)
      if (sealed === version) entry.lookedAt.delete(day);
      else entry.lookedAt.set(day, now);
    return states;
  }

  /** Nothing to do where another part of the same request has seen to it, see `isFresh`. */
  private async follow(projectIds: readonly string[]): Promise<void> {
    const missing = projectIds.filter((id) => !this.projects.has(id));
    if (missing.length === 0 && isFresh(this.followedAt)) return;
    for (const id of missing) this.wanted.add(id);
    if (missing.length === 0 && isFresh(this.runningSince)) await this.running;
    else await this.next();
  }

  /** One reader at a time; callers that come while it reads share the next one, which starts after they came. */
  private next(): Promise<void> {
    this.waiting ??= (async () => {
      await this.running.catch(() => undefined);
      this.waiting = undefined;
      const began = performance.now();
      this.runningSince = began;
      this.running = this.advance();
      await this.running;
      this.followedAt = began;
    })();
    return this.waiting;
  }

  /** Reads first and then changes the index in one go, so that nobody sees a position without its days. */
  private async advance(): Promise<void> {
    const wanted = [...this.wanted];
    this.wanted = new Set();
    const commits = this.position < 0 ? [] : await this.readTail();
    const position = commits.at(-1)?.position ?? (this.position < 0 ? await this.log.last() : this.position);
    const touched = groupDays(commits.filter((commit) => this.projects.has(commit.projectId)));
    const reread = await Promise.all(
      [...touched].map(async ([id, days]) => [id, await this.days.find(id, [...days])] as const),
    );
    const loaded = await Promise.all(
      wanted.filter((id) => !this.projects.has(id)).map(async (id) => [id, await this.load(id, position)] as const),
    );
    for (const [id, states] of reread) {
      const entry = this.projects.get(id);
      if (entry) entry.days = withStates(entry.days, states);
    }
    for (const { projectId, position: at, at: committedAt, kind } of commits) {
      const entry = this.projects.get(projectId);
      if (entry) Object.assign(entry, { position: at, committedAt, ...(kind === 'definition' && { definedAt: at }) });
    }
    for (const [id, entry] of loaded) this.projects.set(id, entry);
    this.position = position;
  }

  private async readTail(): Promise<Commit[]> {
    const commits: Commit[] = [];
    let from = this.position;
    for (;;) {
      const page = await this.log.tail(from);
      commits.push(...page);
      const last = page.at(-1);
      if (!last || page.length < TAIL_LIMIT) return commits;
      from = last.position;
    }
  }

  private async load(projectId: string, position: number): Promise<Entry> {
    const newest = await this.log.lastOf(projectId, position);
    const states = await this.days.find(projectId);
    return {
      position: newest?.position ?? 0,
      committedAt: newest?.at,
      definedAt: position,
      days: new Map(states.map((state) => [state.day, state])),
      lookedAt: new Map(),
    };
  }
}

const snapshot = ({ position, committedAt, definedAt, days }: Entry): ProjectState => ({
  ...{ position, committedAt, definedAt, days },
});

const withStates = (days: Entry['days'], states: readonly DayState[]): Entry['days'] =>
  states.length === 0 ? days : new Map([...days, ...states.map((state) => [state.day, state] as const)]);

const groupDays = (commits: readonly Commit[]): Map<string, Set<number>> => {
  const byProject = new Map<string, Set<number>>();
  for (const { projectId, days } of commits) {
    const known = byProject.get(projectId) ?? new Set<number>();
    for (const day of days) known.add(day);
    byProject.set(projectId, known);
  }
  return byProject;
};
