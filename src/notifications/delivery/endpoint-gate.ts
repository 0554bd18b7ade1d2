import { Injectable } from '@nestjs/common';
import { CONCURRENCY, type ChannelKind, GAP_MS } from '../domain/channel.js';
import { type Candidate } from '../persistence/delivery-queue.repository.js';
import { EndpointsRepository } from '../persistence/endpoints.repository.js';

/** Mails to users have no channel of their own; they share the mail server's connections. */
const DEFAULT_KIND: ChannelKind = 'inbox';
/** How soon it is known what another worker has closed, or somebody has opened again. */
const REFRESH_MS = 5_000;

/** Which endpoints may be sent to now: one that is slow or closed holds up nothing but its own messages. */
@Injectable()
export class EndpointGate {
  private readonly underWay = new Map<string, { count: number; most: number }>();
  /** Epoch ms until which an endpoint takes nothing. */
  private readonly closed = new Map<string, number>();
  private refreshedAt = 0;
  /** What was paused since the refresh that is under way has begun: its answer need not know of it. */
  private readonly pausedMeanwhile = new Map<string, number>();

  constructor(private readonly endpoints: EndpointsRepository) {}

  /** Learns from the store what is closed and what is not any more; at most every 5 s. */
  async refresh(now: Date): Promise<void> {
    if (Math.abs(now.getTime() - this.refreshedAt) < REFRESH_MS) return;
    this.refreshedAt = now.getTime();
    this.pausedMeanwhile.clear();
    const found = await this.endpoints.closed(now);
    this.closed.clear();
    for (const { endpoint, openAt } of found) this.closed.set(endpoint, openAt.getTime());
    for (const [endpoint, until] of this.pausedMeanwhile) this.closed.set(endpoint, until);
  }

  /** Endpoints that nothing is to be claimed for now. */
  shut(now: Date): string[] {
    for (const [endpoint, until] of this.closed) if (until <= now.getTime()) this.closed.delete(endpoint);
    const full = [...this.underWay].filter(([, { count, most }]) => count >= most).map(([endpoint]) => endpoint);
    return [...new Set([...full, ...this.closed.keys()])];
  }

  /** ms until the next closed endpoint opens; undefined where none is closed. */
  opensIn(now: Date): number | undefined {
    const next = Math.min(...this.closed.values());
    return Number.isFinite(next) ? Math.max(0, next - now.getTime()) : undefined;
  }

  /** As many of them as their endpoints take, in their order; takes the turns of endpoints that give them out singly. */
  async admit(candidates: readonly Candidate[], most: number, now: Date): Promise<Candidate[]> {
    const admitted: Candidate[] = [];
    const planned = new Map<string, number>();
    for (const candidate of candidates) {
      if (admitted.length >= most) break;
      const { endpoint, channelKind = DEFAULT_KIND } = candidate;
      const busy = (this.underWay.get(endpoint)?.count ?? 0) + (planned.get(endpoint) ?? 0);
      if (busy >= CONCURRENCY[channelKind] || this.closed.has(endpoint)) continue;
      if (!(await this.takeTurn(endpoint, GAP_MS[channelKind], now))) continue;
      planned.set(endpoint, (planned.get(endpoint) ?? 0) + 1);
      admitted.push(candidate);
    }
    return admitted;
  }

  begin(endpoint: string, channelKind: ChannelKind = DEFAULT_KIND): void {
    const known = this.underWay.get(endpoint);
    if (known) known.count++;
    else this.underWay.set(endpoint, { count: 1, most: CONCURRENCY[channelKind] });
  }

  end(endpoint: string): void {
    const known = this.underWay.get(endpoint);
    if (known && --known.count <= 0) this.underWay.delete(endpoint);
  }

  /** The receiver asked to be left alone for so long: all messages to it wait. */
  async pause(endpoint: string, ms: number, now: Date): Promise<void> {
    const until = new Date(now.getTime() + ms);
    // at once: nothing is to be claimed for it while this is written down
    this.closed.set(endpoint, until.getTime());
    this.pausedMeanwhile.set(endpoint, until.getTime());
    await this.endpoints.close(endpoint, until);
  }

  private async takeTurn(endpoint: string, gapMs: number, now: Date): Promise<boolean> {
    if (gapMs === 0) return true;
    const { openAt, mine } = await this.endpoints.reserve(endpoint, gapMs, now);
    this.closed.set(endpoint, openAt.getTime());
    return mine;
  }
}
