import type { Answer, Delta } from './messages.js';

export interface SequenceHandlers {
  readonly onSnapshot: (snapshot: unknown) => void;
  readonly onDelta: (delta: Delta) => void;
}

/** What is to be done after something came in: nothing, or subscribe (again). */
export type Need = 'nothing' | 'subscribe';

const MOST_BUFFERED = 1_000;

/**
 * The order of one room: every delta is handed on once and in the order of its number, or the room is asked for again.
 * What comes while an answer is awaited waits for it.
 */
export class RoomSequence {
  private epoch: string | undefined;
  private seq = 0;
  private isAsking = false;
  private buffer: Delta[] = [];

  constructor(private readonly handlers: SequenceHandlers) {}

  /** What a subscribe has to say about where we are. */
  ask(): { epoch?: string; lastSeq?: number } {
    this.isAsking = true;
    this.buffer = [];
    return this.epoch === undefined ? {} : { epoch: this.epoch, lastSeq: this.seq };
  }

  take(delta: Delta): Need {
    if (!this.isAsking) return this.apply(delta);
    this.buffer.push(delta);
    // the oldest are missed then, and asked for again
    if (this.buffer.length > MOST_BUFFERED) this.buffer.shift();
    return 'nothing';
  }

  answer(answer: Exclude<Answer, { problem: unknown }>): Need {
    this.isAsking = false;
    if ('snapshot' in answer) {
      this.epoch = answer.epoch;
      this.seq = answer.seq;
      this.handlers.onSnapshot(answer.snapshot);
    } else if (answer.deltas.some((delta) => this.apply(delta) === 'subscribe')) return 'subscribe';
    const waiting = this.buffer;
    this.buffer = [];
    return waiting.some((delta) => this.apply(delta) === 'subscribe') ? 'subscribe' : 'nothing';
  }

  private apply(delta: Delta): Need {
    if (delta.epoch !== this.epoch || delta.seq > this.seq + 1) return 'subscribe';
    if (delta.seq <= this.seq) return 'nothing';
    this.seq = delta.seq;
    this.handlers.onDelta(delta);
    return 'nothing';
  }
}
