import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/index.js';
import type { Session } from './session.js';
import { credentialKey } from './socket-authenticator.js';

/** The sockets of this node. */
@Injectable()
export class Sessions {
  private readonly sessions = new Map<string, Session>();
  /** Moves with each revocation, so that who authenticates at that moment looks again. */
  revocations = 0;

  get count(): number {
    return this.sessions.size;
  }

  all(): Iterable<Session> {
    return this.sessions.values();
  }

  add(session: Session): void {
    this.sessions.set(session.socket.id, session);
  }

  remove(session: Session): void {
    this.sessions.delete(session.socket.id);
  }

  /** Ends the sockets of a credential. */
  revoke(credential: string): void {
    this.revocations++;
    for (const session of [...this.sessions.values()])
      if (credentialKey(session.identity) === credential)
        session.end(new DomainError('unauthenticated', 'credential_revoked', 'What this socket came with was revoked'));
  }
}
