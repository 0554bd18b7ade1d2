import { parentPort } from 'node:worker_threads';
import { Slices, standBack } from '../../../common/threads/index.js';
import { FlakinessPosteriors } from '../../domain/flakiness-posterior.js';
import { SlicedJudging } from '../judging.js';
import type { CollectedRows } from '../outcome-collector.js';
import type { JudgingAnswer, JudgingMessage } from './messages.js';
import { buffersOf, packClusters, packJudged } from './packed-judged.js';

interface Job {
  readonly judging: SlicedJudging;
  readonly slices: Slices;
}

const posteriors = new FlakinessPosteriors();
const rows = new Map<number, CollectedRows>();
const jobs = new Map<number, Job>();

const answer = (message: JudgingAnswer, buffers: readonly ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, buffers);

const jobOf = (id: number): Job => {
  const job = jobs.get(id);
  if (!job) throw new Error(`there is no job ${id}`);
  return job;
};

const judge = async ({ job, excluded, now }: JudgingMessage & { do: 'judge' }): Promise<void> => {
  const { judging, slices } = jobOf(job);
  jobs.delete(job);
  const judged = await packJudged(await judging.judge(excluded, now), slices);
  answer({ job, judged }, buffersOf(judged));
};

/** Long work in slices: of several jobs the shortest is answered first. */
const act = async (message: JudgingMessage): Promise<void> => {
  switch (message.do) {
    case 'know':
      rows.set(message.id, message.rows);
      break;
    case 'forget':
      rows.delete(message.id);
      break;
    case 'begin': {
      const slices = new Slices();
      jobs.set(message.job, { judging: new SlicedJudging(message.aliases, posteriors, slices), slices });
      break;
    }
    case 'add':
      jobOf(message.job).judging.add({ ...message.day, rows: rows.get(message.id)! });
      break;
    case 'runs':
      answer({ job: message.job, runs: await jobOf(message.job).judging.runs() });
      break;
    case 'judge':
      await judge(message);
      break;
    case 'clusters':
      answer({ job: message.job, clusters: packClusters(await jobOf(message.job).judging.clusters()) });
      jobs.delete(message.job);
      break;
    case 'drop':
      jobs.delete(message.job);
  }
};

standBack();
parentPort?.on('message', (message: JudgingMessage) => {
  act(message).catch((error: unknown) => {
    if (!('job' in message)) throw error;
    jobs.delete(message.job);
    answer({ job: message.job, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});
