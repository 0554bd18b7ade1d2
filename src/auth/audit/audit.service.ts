import { Injectable } from '@nestjs/common';
import { Clock, decodeCursor, encodeCursor, invalid, type Page, type Scope } from '../../common/index.js';
import type { AuditActor, AuditEntry, AuditFilter, AuditTarget } from './audit-entry.js';
import { type AuditPosition, AuditRepository } from './audit.repository.js';

/** Who changed what, when. Entries are only ever added. */
@Injectable()
export class AuditService {
  constructor(
    private readonly entries: AuditRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Call it after the change was stored. `action` is `<thing>.<past tense>` in snake_case; `details` is what changed,
   * and never a secret.
   */
  async record(
    actor: AuditActor,
    action: string,
    target: AuditTarget,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.entries.insert(actor, { action, target, details, at: this.clock.now() });
  }

  async list(scope: Scope, filter: AuditFilter, limit: number, cursor?: string): Promise<Page<AuditEntry>> {
    const after = cursor === undefined ? undefined : positionOf(cursor);
    const found = await this.entries.list(scope, filter, limit + 1, after);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const more = found.length > limit && last !== undefined;
    return { items, nextCursor: more ? encodeCursor([last.at.getTime(), last.entryId]) : null };
  }
}

const positionOf = (cursor: string): AuditPosition => {
  const [time, entryId] = decodeCursor(cursor, 2);
  const at = new Date(typeof time === 'number' ? time : Number.NaN);
  if (!Number.isNaN(at.getTime()) && typeof entryId === 'string' && /^[0-9a-f]{24}$/.test(entryId))
    return { at, entryId };
  throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
    { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
  ]);
};
