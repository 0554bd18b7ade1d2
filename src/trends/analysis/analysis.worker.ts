import { parentPort } from 'node:worker_threads';
import { standBack } from '../../common/threads/index.js';
import type { SeriesAnalysis } from '../domain/analyse-series.js';
import { type AnalysisTask, analyseTask } from './analysis-task.js';

export type WorkerAnswer =
  { readonly ok: true; readonly analysis: SeriesAnalysis } | { readonly ok: false; readonly message: string };

const answerOf = (task: AnalysisTask): WorkerAnswer => {
  try {
    return { ok: true, analysis: analyseTask(task) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
};

standBack();

// one task at a time: the pool sends the next when the answer is there
parentPort?.on('message', (task: AnalysisTask) => {
  parentPort?.postMessage(answerOf(task));
});
