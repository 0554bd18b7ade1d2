import { Injectable } from '@nestjs/common';
import type { Namespace } from 'socket.io';
import { DomainError, type ErrorKind } from '../../common/index.js';
import { LIMITS } from '../limits.js';
import type { FeedListener } from '../redis/feed-reader.js';
import type { LoggedDelta } from '../redis/room-log.js';
import { roomKeyOf } from '../room.js';
import { backlogOf } from './backlog.js';
import { toDelta } from './delta.js';
import { channelOf, LocalRooms, type Occupied } from './local-rooms.js';
import { Sessions } from './sessions.js';
import { StalledClients } from './stalled-clients.js';
import { SubscriptionsService } from './subscriptions.service.js';

/** What one node says to all of them. */
export type Told =
  | { readonly do: 'revoke'; readonly kind: string; readonly id: string }
  | { readonly do: 'resync' | 'reauthorise'; readonly kind: string; readonly key: string }
  | {
      readonly do: 'drop';
      readonly kind: string;
      readonly key: string;
      readonly reason: { readonly kind: ErrorKind; readonly code: string; readonly detail: string };
    };

/** Brings what the feed carries to the sockets of this node. */
@Injectable()
export class Deliverer implements FeedListener {
  /** Deltas since the start; one for each socket that got one. */
  sent = 0;
  private namespace: Namespace | undefined;

  constructor(
    private readonly local: LocalRooms,
    private readonly sessions: Sessions,
    private readonly subscriptions: SubscriptionsService,
    private readonly stalled: StalledClients,
  ) {}

  serve(namespace: Namespace): void {
    this.namespace = namespace;
  }

  onDelta(name: string, epoch: string, parse: () => LoggedDelta): void {
    const room = this.local.find(name);
    if (room === undefined) return;
    const delta = parse();
    room.seen = { epoch, seq: delta.seq };
    this.dropTheStalled(room);
    // encoded once for all sockets of a channel
    for (const [member, sessions] of room.members) {
      this.sent += sessions.size;
      this.namespace
        ?.to(channelOf({ kind: room.kind, key: room.key, room: member }))
        .emit('delta', toDelta(member, epoch, delta));
    }
  }

  /** Everybody subscribes again, with what he has: who has missed nothing gets nothing. */
  onGap(): void {
    for (const room of this.local.all()) delete room.seen;
    for (const { socket, memberships } of this.sessions.all()) if (memberships.size > 0) socket.emit('resync', {});
  }

  onTold(message: unknown): void {
    this.act(message as Told);
  }

  act(told: Told): void {
    if (told.do === 'revoke') {
      this.sessions.revoke(roomKeyOf(told.kind, told.id));
      return;
    }
    this.local.changes++;
    const room = this.local.find(roomKeyOf(told.kind, told.key));
    if (room === undefined) return;
    if (told.do === 'resync') this.resync(room);
    else if (told.do === 'drop') {
      const { kind, code, detail } = told.reason;
      for (const [name, session] of [...room.sessions()])
        this.subscriptions.drop(session, name, new DomainError(kind, code, detail));
    } else
      for (const [name, session] of [...room.sessions()])
        void session.inTurn(() => this.subscriptions.reauthorise(session, [name]));
  }

  resync(room: Occupied): void {
    delete room.seen;
    for (const [name, { socket }] of room.sessions()) socket.emit('resync', { room: name });
  }

  /** Before it gets any more: one that does not read keeps what all others have long forgotten. */
  private dropTheStalled(room: Occupied): void {
    for (const [, session] of room.sessions()) {
      const waiting = backlogOf(session.socket);
      if (waiting.buffered + waiting.queued > LIMITS.backlogBytes) this.stalled.drop(session, waiting);
    }
  }
}
