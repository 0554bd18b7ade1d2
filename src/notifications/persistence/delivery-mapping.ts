import type { Delivery } from '../domain/delivery.js';
import type { DeliveryDocument } from './notification.schemas.js';

export const toDelivery = (document: DeliveryDocument): Delivery => {
  const { _id, o, pk, wide = false, key, kind, severity, payload, channel, user, ck, state, reason } = document;
  const { heldUntil, due, attempts, attemptCount, round, createdAt, finishedAt } = document;
  return {
    deliveryId: _id.toHexString(),
    organization: o,
    ...{ projects: pk, wide },
    dedupeKey: key,
    ...{ kind, severity, state, attempts, attemptCount, round, createdAt },
    payload: JSON.parse(payload) as Record<string, unknown>,
    ...(channel && { channelId: channel.toHexString() }),
    ...(user !== undefined && { user }),
    ...(ck && { channelKind: ck }),
    ...(reason !== undefined && { reason }),
    ...(heldUntil && { heldUntil }),
    ...(due && state === 'pending' && { nextAttemptAt: due }),
    ...(finishedAt && { finishedAt }),
  };
};
