import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Injectable } from '@nestjs/common';
import type { PdfInput } from './pdf-input.js';
import type { PdfAnswer } from './pdf.worker.js';

const HEAP_MB = 512;

/**
 * Draws documents in a thread of their own each: it takes seconds in which sweeps and leases of the process would stand
 * still, and its memory goes with it.
 */
@Injectable()
export class PdfRenderer {
  private readonly script = new URL('./pdf.worker.js', import.meta.url);

  async render(input: PdfInput, signal: AbortSignal): Promise<Uint8Array> {
    if (existsSync(fileURLToPath(this.script))) return this.inThread(input, signal);
    // run from the sources: no script to load
    const { renderPdf } = await import('./render-pdf.js');
    return renderPdf(input);
  }

  private inThread(input: PdfInput, signal: AbortSignal): Promise<Uint8Array> {
    const thread = new Worker(this.script, { workerData: input, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    const abort = (): void => void thread.terminate();
    signal.addEventListener('abort', abort, { once: true });
    return new Promise<Uint8Array>((resolve, reject) => {
      thread.once('message', (answer: PdfAnswer) => {
        if ('bytes' in answer) resolve(answer.bytes);
        else reject(new Error(answer.message));
      });
      thread.once('error', reject);
      thread.once('exit', () => reject(new Error('The thread of a document ended')));
    }).finally(() => {
      signal.removeEventListener('abort', abort);
      void thread.terminate();
    });
  }
}
