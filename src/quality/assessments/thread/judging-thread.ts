import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DomainError, hasScript, ScriptThread, Slices } from '../../../common/index.js';
import type { DayRows, Rows } from '../../../metrics/index.js';
import type { AliasLink } from '../../definitions/definition.js';
import { FlakinessPosteriors } from '../../domain/flakiness-posterior.js';
import type { Judged } from '../assessment.js';
import { type Judging, SlicedJudging } from '../judging.js';
import type { CollectedRows, ScannedRun } from '../outcome-collector.js';
import type { JudgingAnswer, JudgingMessage } from './messages.js';
import { unpackClusters, unpackJudged } from './packed-judged.js';

interface Waiting {
  readonly resolve: (answer: JudgingAnswer) => void;
  readonly reject: (error: Error) => void;
}

const interrupted = (): DomainError =>
  new DomainError('unavailable', 'assessment_interrupted', 'The assessment of tests was interrupted: try again');

/**
 * Histories are judged on a thread of their own: 4,000 tests over 30 days take 80 ms, which every other request would feel.
 * The thread starts when it is needed first, and again when it has ended.
 */
@Injectable()
export class JudgingThread implements OnModuleDestroy {
  readonly posteriors = new FlakinessPosteriors();
  private link: Link | undefined;
  private closed = false;
  private script = new URL('./judging.worker.js', import.meta.url);

  /** For tests, which run the sources: threads need the built script. */
  static of(script: URL): JudgingThread {
    const thread = new JudgingThread();
    thread.script = script;
    return thread;
  }

  /** Starts the thread ahead of the first request. */
  warm(): void {
    if (hasScript(this.script) && !this.closed) this.connect();
  }

  begin(aliases: readonly AliasLink[]): Judging<DayRows> {
    if (!hasScript(this.script)) return new SlicedJudging(aliases, this.posteriors, new Slices());
    if (this.closed) throw interrupted();
    return this.connect().begin(aliases);
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    await this.link?.close();
  }

  private connect(): Link {
    return (this.link ??= new Link(this.script, (ended) => {
      if (this.link === ended) this.link = undefined;
    }));
  }
}

/** One thread, what it knows and what it was asked. */
class Link {
  private readonly thread: ScriptThread<JudgingMessage, JudgingAnswer>;
  private readonly waiting = new Map<number, Waiting>();
  private readonly ids = new WeakMap<Rows, number>();
  /** Rows that the process has let go of, the thread lets go of too. */
  private readonly gone = new FinalizationRegistry<number>((id) => this.tell({ do: 'forget', id }));
  private hasEnded = false;
  private jobs = 0;
  private rows = 0;

  constructor(script: URL, onEnd: (link: Link) => void) {
    this.thread = new ScriptThread<JudgingMessage, JudgingAnswer>(script, {
      onAnswer: (answer) => this.take(answer.job)?.resolve(answer),
      onEnd: () => {
        this.hasEnded = true;
        onEnd(this);
        for (const job of [...this.waiting.keys()]) this.take(job)?.reject(interrupted());
      },
    });
  }

  begin(aliases: readonly AliasLink[]): Judging<DayRows> {
    const job = ++this.jobs;
    const links = aliases.map(({ projectId, pastNumber, number }) => ({ projectId, pastNumber, number }));
    this.tell({ do: 'begin', job, aliases: links });
    let runs: readonly ScannedRun[] = [];
    return {
      add: ({ rows, ...day }) =>
        this.tell({ do: 'add', job, id: this.idOf(rows), day }, [day.match.buffer as ArrayBuffer]),
      runs: async () => {
        const answer = await this.ask({ do: 'runs', job });
        if ('runs' in answer) runs = answer.runs;
        return runs;
      },
      judge: async (excluded, now): Promise<Judged> => {
        const answer = await this.ask({ do: 'judge', job, excluded, now });
        if (!('judged' in answer)) throw new Error('an assessment was answered with something else');
        return unpackJudged(answer.judged, runs);
      },
      clusters: async () => {
        const answer = await this.ask({ do: 'clusters', job });
        if (!('clusters' in answer)) throw new Error('clusters were answered with something else');
        return unpackClusters(answer.clusters);
      },
      drop: () => this.tell({ do: 'drop', job }),
    };
  }

  async close(): Promise<void> {
    await this.thread.terminate();
  }

  private tell(message: JudgingMessage, transfer: readonly ArrayBuffer[] = []): void {
    if (!this.hasEnded) this.thread.post(message, transfer);
  }

  private async ask(message: JudgingMessage & { readonly job: number }): Promise<JudgingAnswer> {
    if (this.hasEnded) throw interrupted();
    const answer = await new Promise<JudgingAnswer>((resolve, reject) => {
      this.waiting.set(message.job, { resolve, reject });
      this.thread.hold();
      this.tell(message);
    });
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  private take(job: number): Waiting | undefined {
    const waiting = this.waiting.get(job);
    if (waiting) {
      this.waiting.delete(job);
      this.thread.release();
    }
    return waiting;
  }

  private idOf(rows: Rows): number {
    const known = this.ids.get(rows);
    if (known !== undefined) return known;
    const id = ++this.rows;
    this.ids.set(rows, id);
    this.gone.register(rows, id);
    this.tell({ do: 'know', id, rows: collected(rows) });
    return id;
  }
}

/** Columns are in shared memory; of the dictionaries only what is read. */
const collected = (rows: Rows): CollectedRows => ({
  ...rows,
  groups: rows.groups.map(({ suite, branch, environment }) => ({ suite, branch, environment })),
  runs: rows.runs.map(({ runId, startedAtSeconds, commit }) => ({ runId, startedAtSeconds, commit })),
});
