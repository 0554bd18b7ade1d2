import type { LoggedDelta } from '../redis/room-log.js';

/** What a subscriber gets. */
export interface DeltaMessage {
  /** As the subscriber named it. */
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
  readonly type: string;
  readonly data: unknown;
  /** When it was published, ISO 8601. */
  readonly at: string;
}

export const toDelta = (room: string, epoch: string, { seq, type, data, at }: LoggedDelta): DeltaMessage => ({
  room,
  epoch,
  seq,
  type,
  data,
  at: new Date(at).toISOString(),
});
