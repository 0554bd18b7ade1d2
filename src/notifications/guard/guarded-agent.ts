import type { LookupAddress, LookupOptions } from 'node:dns';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, buildConnector } from 'undici';
import { isAddress } from './address-rules.js';
import { TargetGuard } from './target-guard.js';
import { plainHost } from './target-rules.js';

type LookupCallback = (error: Error | null, addresses: LookupAddress[] | string, family?: number) => void;

const CONNECT_MS = 10_000;
const CONNECTIONS = 8;

/**
 * The only way out to receivers' URLs. What a name resolves to is judged in the same lookup that the connection uses, so
 * a second answer of the name server cannot slip in between; and what is connected is judged once more.
 */
@Injectable()
export class GuardedAgent implements OnApplicationShutdown {
  readonly dispatcher: Agent;

  constructor(private readonly guard: TargetGuard) {
    const lookup = (host: string, options: LookupOptions, done: LookupCallback): void => {
      this.guard.resolve(host).then(
        (addresses) => {
          if (options.all === true) done(null, addresses);
          else done(null, addresses[0]!.address, addresses[0]!.family);
        },
        (error: unknown) => {
          done(error as Error, []);
        },
      );
    };
    const connect = buildConnector({ lookup, timeout: CONNECT_MS, allowH2: false });
    this.dispatcher = new Agent({
      connections: CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: 4_000,
      connect: (options, callback) => {
        this.connect(connect, options, callback);
      },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dispatcher.destroy();
  }

  private connect(
    connect: buildConnector.connector,
    options: buildConnector.Options,
    callback: buildConnector.Callback,
  ): void {
    const host = plainHost(options.hostname);
    // an address is never looked up
    const refused = isAddress(host) ? this.refusalOf(host, host) : undefined;
    if (refused) {
      callback(refused, null);
      return;
    }
    connect(options, (error, socket) => {
      if (error) {
        callback(error, null);
        return;
      }
      const wrong = this.refusalOf(host, socket.remoteAddress ?? '');
      if (wrong) {
        socket.destroy();
        callback(wrong, null);
        return;
      }
      callback(null, socket);
    });
  }

  private refusalOf(host: string, address: string): Error | undefined {
    try {
      this.guard.assertAddress(host, address);
      return undefined;
    } catch (refused) {
      return refused as Error;
    }
  }
}
