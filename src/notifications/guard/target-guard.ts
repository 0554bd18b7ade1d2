import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { invalid } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { isAddress } from './address-rules.js';
import { HostResolver } from './host-resolver.js';
import { plainHost, type Refusal, refuseAddress, refuseHost, refuseUrl, type TargetPolicy } from './target-rules.js';

/** A target that must not be called, whatever a channel says (server-side request forgery). */
export class TargetRefusedError extends Error {
  constructor(why: string) {
    super(`The target is not allowed: ${why}`);
    this.name = 'TargetRefusedError';
  }
}

/** Judges where channels lead: as it is written, as it resolves, and as it was connected. */
@Injectable()
export class TargetGuard {
  readonly policy: TargetPolicy;

  constructor(
    private readonly resolver: HostResolver,
    config: AppConfig,
  ) {
    this.policy = config.webhooks;
  }

  /** Before a URL is stored. @throws DomainError 422 `target_not_allowed` with the reason */
  async assertUrl(text: string, pointer: string): Promise<void> {
    const refusal = refuseUrl(text, this.policy);
    if (refusal !== undefined) throw notAllowed(refusal, pointer);
    await this.assertResolves(new URL(text).hostname, pointer);
  }

  /** Before the host of a mail server is stored. @throws DomainError 422 `target_not_allowed` with the reason */
  async assertHost(host: string, pointer: string): Promise<void> {
    const refusal = refuseHost(host, this.policy);
    if (refusal !== undefined) throw notAllowed(refusal, pointer);
    await this.assertResolves(host, pointer);
  }

  /** The addresses of a host, each of them allowed. @throws TargetRefusedError, or Error where it does not resolve */
  async resolve(hostname: string): Promise<LookupAddress[]> {
    const host = plainHost(hostname);
    const refusal = refuseHost(host, this.policy);
    if (refusal !== undefined) throw new TargetRefusedError(refusal);
    if (isAddress(host)) return [{ address: host, family: isIP(host) }];
    const addresses = await this.resolver.resolve(host);
    if (addresses.length === 0) throw new Error('The host has no address');
    for (const { address } of addresses) this.assertAddress(host, address);
    return addresses;
  }

  /** @throws TargetRefusedError for a URL that is not allowed as it is written */
  assertWritten(url: string): void {
    const refusal = refuseUrl(url, this.policy);
    if (refusal !== undefined) throw new TargetRefusedError(refusal);
  }

  /** @throws TargetRefusedError */
  assertAddress(host: string, address: string): void {
    const refusal = refuseAddress(plainHost(host), address, this.policy);
    if (refusal !== undefined) throw new TargetRefusedError(refusal);
  }

  private async assertResolves(hostname: string, pointer: string): Promise<void> {
    try {
      await this.resolve(hostname);
    } catch (error) {
      const refused = error instanceof TargetRefusedError;
      throw notAllowed(refused ? error.message.replace(/^.*?: /, '') : 'its host does not resolve', pointer);
    }
  }
}

const notAllowed = (why: NonNullable<Refusal>, pointer: string) =>
  invalid('target_not_allowed', `The target is not allowed: ${why}`, [{ pointer, detail: why }]);
