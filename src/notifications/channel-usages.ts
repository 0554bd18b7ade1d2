import { Injectable } from '@nestjs/common';
import { DomainError, type Scope, systemScope } from '../common/index.js';

/** Something that names a channel, such as a rule. */
export interface ChannelUse {
  /** Of the kind of thing, as audit entries call it: `alert_rule`. */
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

/** Those within the scope that name the channel; the first few of them are enough. */
export type ChannelUsageCheck = (scope: Scope, channelId: string) => Promise<readonly ChannelUse[]>;

const MOST_NAMED = 20;

/** Features hand in what uses channels; this room knows none of them. */
@Injectable()
export class ChannelUsages {
  private readonly checks: ChannelUsageCheck[] = [];

  /** Call it in `onModuleInit`. */
  register(check: ChannelUsageCheck): void {
    this.checks.push(check);
  }

  /** @throws DomainError 409 `channel_in_use`, which names what of it the caller may see */
  async assertUnused(scope: Scope, channelId: string): Promise<void> {
    const all = await this.of(systemScope(scope.organization), channelId);
    if (all.length === 0) return;
    const usedBy = (await this.of(scope, channelId)).slice(0, MOST_NAMED);
    throw new DomainError(
      'conflict',
      'channel_in_use',
      'Something sends over this channel: take it out of there first, or disable it',
      { extensions: { usedBy } },
    );
  }

  private async of(scope: Scope, channelId: string): Promise<ChannelUse[]> {
    const found: ChannelUse[] = [];
    for (const check of this.checks) found.push(...(await check(scope, channelId)));
    return found;
  }
}
