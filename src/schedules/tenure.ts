import { DomainError } from '../common/index.js';
import { LEASE_MS } from './persistence/schedule-leases.js';

const LONGEST_RUN_MS = 3_600_000;

/** The time in which a process may work on a run: renews the lease, and ends when it is lost, too long or stopping. */
export class Tenure {
  private readonly lost = new AbortController();
  private readonly late = new AbortController();
  private readonly heartbeat: NodeJS.Timeout;
  private readonly limit: NodeJS.Timeout;
  readonly signal: AbortSignal;

  /** @param renew false where the lease is lost; a failure to ask is none: the next beat asks again */
  constructor(
    renew: () => Promise<boolean>,
    private readonly stopping: AbortSignal,
  ) {
    this.signal = AbortSignal.any([this.lost.signal, this.late.signal, stopping]);
    this.heartbeat = setInterval(() => {
      renew().then(
        (held) => !held && this.lost.abort(),
        () => undefined,
      );
    }, LEASE_MS / 3);
    this.limit = setTimeout(() => this.late.abort(), LONGEST_RUN_MS);
  }

  get isLost(): boolean {
    return this.lost.signal.aborted;
  }

  get isStopping(): boolean {
    return this.stopping.aborted;
  }

  /** Set when it took too long. */
  get timeout(): DomainError | undefined {
    if (!this.late.signal.aborted) return undefined;
    return new DomainError('conflict', 'timed_out', 'The run took longer than an hour and was stopped');
  }

  end(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.limit);
  }
}
