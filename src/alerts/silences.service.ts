import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, DomainError, invalid, mayTouchProject, notFound, type Page, type Scope } from '../common/index.js';
import { AlertFeed } from './evaluation/alert-feed.js';
import {
  projectOf,
  type SilenceSettings,
  SilencesRepository,
  type SilenceState,
  type StoredSilence,
} from './persistence/silences.repository.js';

const LONGEST_MS = 366 * 86_400_000;

/** Silences: while one lasts, the alerts it matches are not told of. It ends by itself. */
@Injectable()
export class SilencesService {
  constructor(
    private readonly silences: SilencesRepository,
    private readonly feed: AlertFeed,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 422 for a time that is over; 403 `organization_silence` */
  async create(principal: Principal, settings: SilenceSettings): Promise<StoredSilence> {
    const now = this.clock.now();
    check(principal.scope, settings, now);
    const silence = await this.silences.insert(principal.scope, settings, principal.name, now);
    await this.record(principal, 'silence.created', silence);
    return silence;
  }

  list(scope: Scope, state: SilenceState | undefined, limit: number, cursor?: string): Promise<Page<StoredSilence>> {
    return this.silences.list(scope, state, this.clock.now(), limit, cursor);
  }

  /** @throws DomainError 404 */
  async get(scope: Scope, silenceId: string): Promise<StoredSilence> {
    const silence = await this.silences.find(scope, silenceId);
    if (!silence) throw notFound('Silence');
    return silence;
  }

  async replace(principal: Principal, silenceId: string, settings: SilenceSettings): Promise<StoredSilence> {
    await this.get(principal.scope, silenceId);
    const now = this.clock.now();
    check(principal.scope, settings, now);
    const silence = await this.silences.replace(principal.scope, silenceId, settings, now);
    if (!silence) throw notFound('Silence');
    await this.record(principal, 'silence.updated', silence);
    return silence;
  }

  async delete(principal: Principal, silenceId: string): Promise<void> {
    const silence = await this.get(principal.scope, silenceId);
    if (!(await this.silences.remove(principal.scope, silenceId))) throw notFound('Silence');
    await this.record(principal, 'silence.deleted', silence);
  }

  stateOf({ startsAt, endsAt }: StoredSilence): SilenceState {
    const now = this.clock.now();
    if (endsAt <= now) return 'expired';
    return startsAt > now ? 'pending' : 'active';
  }

  private record(principal: Principal, action: string, silence: StoredSilence): Promise<void> {
    const { silenceId, matchers, startsAt, endsAt, comment } = silence;
    const project = projectOf(matchers);
    const target = { type: 'silence', id: silenceId, ...(project !== null && { projectKey: project }) };
    this.feed.muted(principal.organization);
    return this.audit.record(principal, action, target, { matchers, startsAt, endsAt, comment });
  }
}

const check = (scope: Scope, { matchers, startsAt, endsAt }: SilenceSettings, now: Date): void => {
  const wrong = (detail: string): DomainError =>
    invalid('validation_failed', 'Some fields are not valid', [{ pointer: '/endsAt', detail }]);
  if (endsAt <= startsAt) throw wrong('must be after startsAt');
  if (endsAt <= now) throw wrong('must be in the future');
  if (endsAt.getTime() - startsAt.getTime() > LONGEST_MS) throw wrong('must be at most 366 days after startsAt');
  if (scope.projects === 'all') return;
  const project = projectOf(matchers);
  if (project === null || !mayTouchProject(scope, project))
    throw new DomainError(
      'forbidden',
      'organization_silence',
      'A silence over all projects is not yours: name one of your projects by a matcher with the label project and =',
    );
};
