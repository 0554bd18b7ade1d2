import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/index.js';
import type { Commit } from './domain/model.js';
import { CommitLog } from './persistence/commit-log.js';
import { FollowerPositions } from './persistence/follower-positions.js';
import { LEASE_OWNER } from './persistence/lease-owner.js';
import { RunEvents } from './run-events.js';

const POLL_MS = 200;
const LEASE_MS = 15_000;
const RETRY_MS = 1_000;

export interface FollowOptions {
  /** Under which the position is kept. */
  readonly name: string;
  /** Where a follower begins that never ran: at the first commit ever, or after the newest. */
  readonly from: 'start' | 'now';
  /**
   * At least once for each commit, in order, at most 5,000 at a time; the position moves when it returns, and it is called
   * again with the same commits when it throws or the process is killed. Longer than 15 s, and another process may repeat it.
   */
  readonly handle: (commits: readonly Commit[]) => Promise<void> | void;
}

export interface Follower {
  /** Waits for what is being handled, then gives the place to another process. */
  stop(): Promise<void>;
}

/**
 * Background consumers of the commit log. In-process events only shorten the wait: what counts is the position in
 * MongoDB, so that nothing is missed by a consumer that was killed or came late.
 */
@Injectable()
export class CommitFollowers implements BeforeApplicationShutdown {
  private readonly logger = new Logger(CommitFollowers.name);
  private readonly running = new Set<Following>();

  constructor(
    private readonly log: CommitLog,
    private readonly positions: FollowerPositions,
    private readonly events: RunEvents,
    private readonly clock: Clock,
  ) {}

  /** One process at a time follows under a name; the position survives restarts. */
  follow({ name, from, handle }: FollowOptions): Follower {
    const owner = `${LEASE_OWNER} ${randomUUID()}`;
    let leaseEnds = 0;
    let position: number | undefined;
    const claim = async (): Promise<number | undefined> => {
      const now = this.clock.now();
      if (position !== undefined && leaseEnds - now.getTime() > LEASE_MS / 2) return position;
      if (position === undefined) await this.positions.ensure(name, from === 'start' ? 0 : await this.log.last());
      leaseEnds = now.getTime() + LEASE_MS;
      return (position = await this.positions.claim(name, owner, now, new Date(leaseEnds)));
    };
    const advance = async (to: number): Promise<void> => {
      position = (await this.positions.advance(name, owner, to)) ? to : undefined;
    };
    return this.start({ name, claim, advance, handle, release: () => this.positions.release(name, owner) });
  }

  /** Each process for itself, from now on; nothing is kept. */
  watch(name: string, handle: FollowOptions['handle']): Follower {
    let position: number | undefined;
    return this.start({
      name,
      claim: async () => (position ??= await this.log.last()),
      advance: (to) => Promise.resolve(void (position = to)),
      handle,
      release: () => Promise.resolve(),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.running].map((following) => following.stop()));
  }

  private start(steps: FollowingSteps): Follower {
    const following = new Following(steps, this.log, (error) =>
      this.logger.error({ err: error, follower: steps.name }, 'a follower of the commit log failed; it tries again'),
    );
    const unsubscribe = this.events.onRunCommitted(() => following.wake());
    this.running.add(following);
    const stop = async (): Promise<void> => {
      unsubscribe();
      await following.stop();
      this.running.delete(following);
    };
    return { stop };
  }
}

interface FollowingSteps extends Pick<FollowOptions, 'name' | 'handle'> {
  /** The position to go on from; undefined while it is another's turn. */
  readonly claim: () => Promise<number | undefined>;
  readonly advance: (position: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

class Following {
  private readonly ended = new AbortController();
  private pause = new AbortController();
  private readonly loop: Promise<void>;

  constructor(
    private readonly steps: FollowingSteps,
    private readonly log: CommitLog,
    private readonly onError: (error: unknown) => void,
  ) {
    this.loop = this.run();
  }

  wake(): void {
    this.pause.abort();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    this.wake();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.ended.signal.aborted) {
      this.pause = new AbortController();
      try {
        if (!(await this.step())) await this.rest(POLL_MS, this.pause.signal);
      } catch (error) {
        this.onError(error);
        await this.rest(RETRY_MS, this.ended.signal);
      }
    }
    await this.steps.release().catch(() => undefined);
  }

  /** @returns whether there was something */
  private async step(): Promise<boolean> {
    const position = await this.steps.claim();
    if (position === undefined) return false;
    const commits = await this.log.tail(position);
    const newest = commits.at(-1);
    if (newest === undefined) return false;
    await this.steps.handle(commits);
    await this.steps.advance(newest.position);
    return true;
  }

  private async rest(ms: number, signal: AbortSignal): Promise<void> {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}
