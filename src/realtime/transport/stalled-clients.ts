import { Injectable, Logger } from '@nestjs/common';
import { terminate } from './backlog.js';
import type { Session } from './session.js';

/** Clients that do not read: they keep what all others have long forgotten, so they are dropped. */
@Injectable()
export class StalledClients {
  private readonly logger = new Logger(StalledClients.name);
  private readonly gone = new WeakSet<Session>();
  /** Since the start. */
  dropped = 0;

  /** Once: its end takes a moment to come. @param waiting bytes that it has not taken */
  drop(session: Session, waiting: { readonly buffered: number; readonly queued: number }): void {
    if (this.gone.has(session)) return;
    this.gone.add(session);
    this.dropped++;
    this.logger.warn({ socket: session.socket.id, ...waiting }, 'a client that does not read is dropped');
    terminate(session.socket);
  }
}
