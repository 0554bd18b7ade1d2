import type { Socket } from 'socket.io-client';
import { Backoff } from './backoff.js';
import type { Answer, Delta, Problem } from './messages.js';
import { RoomSequence } from './room-sequence.js';

export interface RoomHandlers {
  /** The whole state: replaces what was known. */
  readonly onSnapshot: (snapshot: never) => void;
  /** A change, each once and in order. */
  readonly onDelta: (delta: never) => void;
  /** The room cannot be had (any more): not there, not yours, gone. Nothing more comes. */
  readonly onEnd?: (problem: Problem) => void;
}

const ANSWER_MS = 15_000;
const isPassing = ({ status }: Problem): boolean => status === 429 || status >= 500;

/** One room over all connections of a client. */
export class RoomSubscription {
  private readonly sequence: RoomSequence;
  private readonly backoff = new Backoff();
  private asks = 0;
  private isClosed = false;

  constructor(
    readonly room: string,
    private readonly options: object | undefined,
    private readonly handlers: RoomHandlers,
    private readonly socket: Socket,
    private readonly forget: () => void,
  ) {
    this.sequence = new RoomSequence({
      onSnapshot: (snapshot) => handlers.onSnapshot(snapshot as never),
      onDelta: (delta) => handlers.onDelta(delta as never),
    });
  }

  /** Subscribes from where we are; what an earlier ask still answers is left alone. */
  ask(): void {
    if (this.isClosed || !this.socket.connected) return;
    const number = ++this.asks;
    this.backoff.cancel();
    const body = { room: this.room, ...this.sequence.ask(), ...(this.options ? { options: this.options } : {}) };
    this.socket
      .timeout(ANSWER_MS)
      .emitWithAck('subscribe', body)
      .then(
        (answer: Answer) => this.isCurrent(number) && this.take(answer),
        // cut off: the next connection asks; else it hangs
        () => this.isCurrent(number) && this.askLater(),
      );
  }

  askLater(atLeastMs = 0): void {
    this.backoff.run(() => this.ask(), atLeastMs);
  }

  delta(delta: Delta): void {
    if (!this.isClosed && this.sequence.take(delta) === 'subscribe') this.ask();
  }

  end(problem: Problem): void {
    if (this.isClosed) return;
    this.stop();
    this.handlers.onEnd?.(problem);
  }

  /** Leaves the room. */
  close(): void {
    if (this.isClosed) return;
    this.stop();
    if (this.socket.connected) this.socket.emit('unsubscribe', { room: this.room });
  }

  private stop(): void {
    this.isClosed = true;
    this.backoff.cancel();
    this.forget();
  }

  private isCurrent(number: number): boolean {
    return !this.isClosed && number === this.asks;
  }

  private take(answer: Answer): void {
    if ('problem' in answer) {
      if (isPassing(answer.problem)) this.askLater((answer.problem.retryAfterSeconds ?? 0) * 1000);
      else this.end(answer.problem);
    } else if (this.sequence.answer(answer) === 'subscribe') this.askLater();
    else this.backoff.reset();
  }
}
