import { parentPort, workerData } from 'node:worker_threads';
import type { PdfInput } from './pdf-input.js';
import { renderPdf } from './render-pdf.js';

export type PdfAnswer = { readonly bytes: Uint8Array } | { readonly message: string };

const answer = async (): Promise<PdfAnswer> => {
  try {
    return { bytes: await renderPdf(workerData as PdfInput) };
  } catch (error) {
    return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
};

parentPort?.postMessage(await answer());
