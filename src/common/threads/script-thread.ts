import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Transferable, Worker } from 'node:worker_threads';

/** Whether a thread can be started: it loads the built script, which is not there while the sources run. */
export const hasScript = (script: URL): boolean => existsSync(fileURLToPath(script));

export interface ThreadEvents<Answer> {
  readonly onAnswer: (answer: Answer) => void;
  /** The thread has ended, by itself or terminated: what it was asked for will not come. */
  readonly onEnd: (error: Error) => void;
}

/** A thread of a built script. It keeps the process alive only while somebody holds it, who waits for an answer. */
export class ScriptThread<Message, Answer> {
  private readonly worker: Worker;
  private holders = 0;

  constructor(script: URL, { onAnswer, onEnd }: ThreadEvents<Answer>) {
    this.worker = new Worker(script);
    this.worker.unref();
    let end = new Error('The thread has ended');
    this.worker.on('message', onAnswer);
    // its exit follows
    this.worker.on('error', (error) => {
      end = error instanceof Error ? error : new Error(String(error));
    });
    this.worker.on('exit', () => onEnd(end));
  }

  post(message: Message, transfer: readonly Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  hold(): void {
    if (this.holders++ === 0) this.worker.ref();
  }

  release(): void {
    if (--this.holders === 0) this.worker.unref();
  }

  async terminate(): Promise<void> {
    await this.worker.terminate();
  }
}
