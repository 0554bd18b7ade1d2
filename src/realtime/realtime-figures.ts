import { Injectable } from '@nestjs/common';
import { Deliverer } from './transport/deliverer.js';
import { LocalRooms } from './transport/local-rooms.js';
import { Sessions } from './transport/sessions.js';
import { StalledClients } from './transport/stalled-clients.js';

/** What the sockets of this process do: for those who run the service. */
@Injectable()
export class RealtimeFigures {
  constructor(
    private readonly sessions: Sessions,
    private readonly local: LocalRooms,
    private readonly deliverer: Deliverer,
    private readonly stalled: StalledClients,
  ) {}

  /** Connected now. */
  get sockets(): number {
    return this.sessions.count;
  }

  /** With subscribers here, now. */
  get rooms(): number {
    return this.local.count;
  }

  /** Since the start; one for each socket that got one. */
  get deltasSent(): number {
    return this.deliverer.sent;
  }

  /** Since the start. */
  get stalledDropped(): number {
    return this.stalled.dropped;
  }
}
