import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DomainError, hasScript, ScriptThread } from '../../common/index.js';
import type { SeriesAnalysis } from '../domain/analyse-series.js';
import { type AnalysisTask, analyseTask } from './analysis-task.js';
import type { WorkerAnswer } from './analysis.worker.js';

const THREADS = Math.max(1, Math.min(4, availableParallelism()));
/** Who comes to a longer queue is told to come again: the answer would be late anyhow. */
const LONGEST_QUEUE = 500;

/** A little of everything, so that the code is loaded and compiled. */
const WARM_UP: AnalysisTask = {
  metric: { kind: 'rate', unit: 'ratio', goodDirection: 'up' },
  period: 'day',
  values: Array.from({ length: 120 }, (_, i) => 0.9 + 0.05 * Math.sin(i * i)),
  n: Array.from({ length: 120 }, () => 100),
  cycles: [],
  horizon: 14,
};

const busy = (): DomainError =>
  new DomainError('unavailable', 'analysis_busy', 'Too many analyses are waiting: try again later');

interface Job {
  readonly task: AnalysisTask;
  readonly resolve: (analysis: SeriesAnalysis) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly script: ScriptThread<AnalysisTask, WorkerAnswer>;
  job?: Job;
}

/**
 * Analyses on threads of their own: a forecast over a year takes 100 ms and more, which would stop every other request.
 * Threads start when they are needed first and do not keep the process alive.
 */
@Injectable()
export class AnalysisPool implements OnModuleDestroy {
  private readonly threads: Thread[] = [];
  private readonly waiting: Job[] = [];
  private closed = false;
  private script = new URL('./analysis.worker.js', import.meta.url);

  /** For tests, which run the sources: threads need the built script. */
  static of(script: URL): AnalysisPool {
    const pool = new AnalysisPool();
    pool.script = script;
    return pool;
  }

  /** Starts the first thread ahead of the first request: loading the models takes longer than a forecast. */
  warm(): void {
    if (hasScript(this.script)) this.analyse(WARM_UP).catch(() => undefined);
  }

  /** @throws DomainError 503 `analysis_busy` when too many wait */
  async analyse(task: AnalysisTask): Promise<SeriesAnalysis> {
    if (!hasScript(this.script)) return analyseTask(task); // run from the sources: no script to load
    if (this.closed || this.waiting.length >= LONGEST_QUEUE) throw busy();
    return new Promise((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      this.work();
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    for (const { reject } of this.waiting.splice(0)) reject(busy());
    await Promise.all(this.threads.map(({ script }) => script.terminate()));
  }

  private work(): void {
    const thread = this.threads.find(({ job }) => job === undefined) ?? this.start();
    if (!thread) return;
    const job = this.waiting.shift();
    if (!job) return;
    thread.job = job;
    thread.script.hold();
    thread.script.post(job.task);
  }

  private start(): Thread | undefined {
    if (this.threads.length >= THREADS) return undefined;
    const thread: Thread = {
      script: new ScriptThread<AnalysisTask, WorkerAnswer>(this.script, {
        onAnswer: (answer) =>
          this.finish(thread, (job) => {
            if (answer.ok) job.resolve(answer.analysis);
            else job.reject(new Error(answer.message));
          }),
        // a thread that died (out of memory, terminated) is replaced by the next job
        onEnd: (error) => {
          this.threads.splice(this.threads.indexOf(thread), 1);
          this.finish(thread, ({ reject }) => reject(error));
        },
      }),
    };
    this.threads.push(thread);
    return thread;
  }

  private finish(thread: Thread, settle: (job: Job) => void): void {
    const { job } = thread;
    if (job) {
      thread.job = undefined;
      thread.script.release();
      settle(job);
    }
    if (!this.closed) this.work();
  }
}
