import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, DomainError, notFound, type Page, type Scope } from '../common/index.js';
import { DeliveryHints } from './delivery/delivery-hints.js';
import { type Delivery, REPLAYABLE } from './domain/delivery.js';
import { DeliveriesRepository, type DeliveryFilter } from './persistence/deliveries.repository.js';

/** The delivery log, and what people may do to a delivery. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly hints: DeliveryHints,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  list(scope: Scope, filter: DeliveryFilter, limit: number, cursor?: string): Promise<Page<Delivery>> {
    return this.deliveries.list(scope, filter, limit, cursor);
  }

  count(scope: Scope, filter: DeliveryFilter): Promise<number> {
    return this.deliveries.count(scope, filter);
  }

  /** @throws DomainError 404 */
  async get(scope: Scope, deliveryId: string): Promise<Delivery> {
    const found = await this.deliveries.find(scope, deliveryId);
    if (!found) throw notFound('Delivery');
    return found;
  }

  /** Sends a dead letter again. @throws DomainError 404; 409 `not_replayable` */
  async replay(principal: Principal, deliveryId: string): Promise<Delivery> {
    const before = await this.get(principal.scope, deliveryId);
    const replayed = await this.deliveries.replay(principal.scope, deliveryId, this.clock.now());
    if (!replayed)
      throw new DomainError(
        'conflict',
        'not_replayable',
        `A delivery that is ${before.state} is not sent again: only those that are ${REPLAYABLE.join(', ')}`,
      );
    this.hints.wake();
    await this.audit.record(principal, 'delivery.replayed', targetOf(replayed), { before: before.state });
    return replayed;
  }

  /**
   * Sends dead letters again, the oldest first: up to `limit` of those that the filter names and the caller sees.
   * @returns how many are pending now, and whether there are more
   */
  async replayMany(
    principal: Principal,
    filter: DeliveryFilter,
    limit: number,
  ): Promise<{ readonly replayed: number; readonly more: boolean }> {
    const states = filter.states && filter.states.length > 0 ? filter.states : (['failed'] as const);
    const wanted = { ...filter, states };
    const done = await this.deliveries.replayMany(principal.scope, wanted, limit, this.clock.now());
    if (done.replayed === 0) return done;
    this.hints.wake();
    const target = { type: 'delivery', id: 'many' };
    await this.audit.record(principal, 'delivery.replayed_many', target, { filter: wanted, ...done });
    return done;
  }

  /** @throws DomainError 404; 409 `not_pending` */
  async cancel(principal: Principal, deliveryId: string): Promise<Delivery> {
    const before = await this.get(principal.scope, deliveryId);
    const reason = `Cancelled by ${principal.name}`;
    const cancelled = await this.deliveries.cancel(principal.scope, deliveryId, reason, this.clock.now());
    if (!cancelled)
      throw new DomainError('conflict', 'not_pending', `A delivery that is ${before.state} cannot be taken back`);
    await this.audit.record(principal, 'delivery.cancelled', targetOf(cancelled));
    return cancelled;
  }
}

const targetOf = ({ deliveryId, projects: [projectKey] }: Delivery) => ({
  type: 'delivery',
  id: deliveryId,
  ...(projectKey !== undefined && { projectKey }),
});
