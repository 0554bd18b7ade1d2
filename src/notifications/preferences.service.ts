import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, invalid } from '../common/index.js';
import type { Preferences } from './domain/preferences.js';
import { PreferencesRepository } from './persistence/preferences.repository.js';

/** How the caller wants to be reached. */
@Injectable()
export class PreferencesService {
  constructor(
    private readonly preferences: PreferencesRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async get({ scope, subject }: Principal): Promise<Preferences> {
    return (await this.preferences.of(scope, [subject])).get(subject)!;
  }

  /**
   * Mails go to the address of the caller's token and to no other, so that nobody is written to who did not ask for it.
   * @throws DomainError 422 where quiet hours last no time
   */
  async put(principal: Principal, wanted: Omit<Preferences, 'email'>): Promise<Preferences> {
    const { quietHours } = wanted;
    if (quietHours && quietHours.from === quietHours.to)
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: '/quietHours/to', detail: 'must be another time than from' },
      ]);
    const before = await this.get(principal);
    const email = principal.email ?? before.email;
    const preferences = { ...wanted, ...(email !== undefined && { email }) };
    await this.preferences.put(principal.scope, principal.subject, preferences, this.clock.now());
    await this.audit.record(principal, 'notification_preferences.updated', { type: 'user', id: principal.subject });
    return preferences;
  }
}
