import { Injectable } from '@nestjs/common';
import { CommitLog, type Commit } from '../../executions/index.js';
import { DaysRepository, type DayState } from './days.repository.js';

/** What this process knows of one project, as of the position of its newest commit. */
export interface ProjectState {
  /** Position and time of the project's newest commit; 0 when it has none. */
  readonly position: number;
  readonly committedAt?: Date;
  readonly days: ReadonlyMap<number, DayState>;
}

interface Entry {
  position: number;
  committedAt?: Date;
  days: Map<number, DayState>;
}

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
  private waiting: Promise<void> | undefined;

  constructor(
    private readonly log: CommitLog,
    private readonly days: DaysRepository,
  ) {}

  /** The given projects at the newest commit: what was committed before the call is in the answer. */
  async refresh(projectIds: readonly string[]): Promise<Map<string, ProjectState>> {
    for (const id of projectIds) this.wanted.add(id);
    await this.follow();
    return new Map(projectIds.map((id) => [id, snapshot(this.projects.get(id)!)]));
  }

  /** Where the given projects stand at the newest commit, without their days. */
  async positions(projectIds: readonly string[]): Promise<Map<string, Omit<ProjectState, 'days'>>> {
    for (const id of projectIds) this.wanted.add(id);
    await this.follow();
    return new Map(projectIds.map((id) => [id, this.projects.get(id)!]));
  }

  /** Asks again for days that were not sealed when last seen, since sealing leaves no commit. */
  async currentStates(projectId: string, days: readonly number[]): Promise<DayState[]> {
    const states = await this.days.find(projectId, days);
    const entry = this.projects.get(projectId);
    for (const state of states)
      if (entry?.days.get(state.day)?.version === state.version) entry.days.set(state.day, state);
    return states;
  }

  /** One reader at a time; callers that come while it reads share the next one, which starts after they came. */
  private follow(): Promise<void> {
    this.waiting ??= (async () => {
      await this.running.catch(() => undefined);
      this.waiting = undefined;
      this.running = this.advance();
      await this.running;
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
    for (const [id, states] of reread) for (const state of states) this.projects.get(id)?.days.set(state.day, state);
    for (const { projectId, position: at, at: committedAt } of commits) {
      const entry = this.projects.get(projectId);
      if (entry) Object.assign(entry, { position: at, committedAt });
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
      if (!last) return commits;
      from = last.position;
    }
  }

  private async load(projectId: string, position: number): Promise<Entry> {
    const newest = await this.log.lastOf(projectId, position);
    const states = await this.days.find(projectId);
    return {
      position: newest?.position ?? 0,
      committedAt: newest?.at,
      days: new Map(states.map((state) => [state.day, state])),
    };
  }
}

const snapshot = (entry: Entry): ProjectState => ({ ...entry, days: new Map(entry.days) });

const groupDays = (commits: readonly Commit[]): Map<string, Set<number>> => {
  const byProject = new Map<string, Set<number>>();
  for (const { projectId, days } of commits) {
    const known = byProject.get(projectId) ?? new Set<number>();
    for (const day of days) known.add(day);
    byProject.set(projectId, known);
  }
  return byProject;
};
