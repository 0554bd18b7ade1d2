import type { Type } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import type { DomainError } from '../common/index.js';

/** A kind of delta, as it stands in the AsyncAPI document. */
export interface RoomMessage {
  /** In the past tense, with the room's kind before it: `run.finished`. */
  readonly type: string;
  /** DTO class of `data`; each field has its `@ApiProperty` with description and example. */
  readonly payload: Type<object>;
  readonly description: string;
  /** Of `data`. */
  readonly example?: unknown;
}

/** Where a subscriber stands. */
export interface RoomPlace<Context> {
  /**
   * Names what the subscribers of one room see alike, unique within the kind over all organizations: two who may not see
   * the same (scope, time zone) get different keys, and only who has the same key gets the same deltas.
   */
  readonly key: string;
  /** Whatever the feature needs to compute the room; kept in the memory of the subscriber's node. */
  readonly context: Context;
}

/** A kind of room that a feature offers; a client names one of it as `<kind>:<id>`. */
export interface RoomDefinition<Context = unknown> {
  /** Lower case, without a colon. */
  readonly kind: string;
  readonly description: string;
  /** What stands behind the colon. */
  readonly id: { readonly name: string; readonly description: string; readonly example: string };
  /** DTO class of the `options` that a subscribe may carry; without one there are none. */
  readonly options?: Type<object>;
  /** What `snapshot` answers. */
  readonly state: { readonly payload: Type<object>; readonly description: string; readonly example?: unknown };
  readonly messages: readonly RoomMessage[];
  /**
   * Called at the subscribe, after a token was refreshed, and at least every minute for as long as somebody stays.
   * @throws DomainError 404 `not_found` for what is not there or not the caller's; 403 where a permission is missing
   */
  authorise(principal: Principal, id: string, options: object): Promise<RoomPlace<Context>> | RoomPlace<Context>;
  /**
   * The whole state, read now. It may hold what a delta brings once more: so deltas carry new values and never differences.
   */
  snapshot(context: Context): Promise<object> | object;
  /**
   * Why the room has ended for everybody; undefined while it is there. Asked where a subscriber is not let in any more, who
   * may otherwise be looked at before the room is dropped and hear `not_found` only.
   */
  endedBecause?(context: Context): Promise<DomainError | undefined>;
}

/** A room with subscribers on this node. */
export interface LocalRoom<Context> {
  readonly key: string;
  readonly context: Context;
}

export interface PublishOptions {
  /** What within the room it is about, `widget:3`: of one type and entity only the newest waits to be sent. Default: ''. */
  readonly entity?: string;
  /**
   * Grows with the state of the entity. What is not newer than what the room has had of it, on any node, is left out: so
   * two nodes that publish the same do no harm, and an older state never follows a newer one.
   */
  readonly version?: number;
}

export interface RoomUpdate extends PublishOptions {
  readonly type: string;
  readonly data: object;
}

/** Who holds a credential that is no token and no API key: may subscribe to the named rooms and to nothing else. */
export interface Guest {
  /** With the permissions and the scope that `authorise` of these rooms is to see, and with `tokenExpiresAt`. */
  readonly principal: Principal;
  /** As a client names them: `dashboard:6650c0ffee6650c0ffee0001`. */
  readonly rooms: readonly string[];
  /** By which `revoke('share', id)` finds it. */
  readonly id: string;
}

/** @throws DomainError 401 or 403 */
export type GuestAuthenticator = (credential: string) => Promise<Guest>;

/** One text for kind and key. */
export const roomKeyOf = (kind: string, key: string): string => `${kind}|${key}`;

/** `<kind>:<id>`; the id may hold colons. */
export const parseRoom = (room: string): { readonly kind: string; readonly id: string } => {
  const colon = room.indexOf(':');
  return { kind: room.slice(0, colon), id: room.slice(colon + 1) };
};
