import { DEFAULT_CATCH_UP } from '../domain/catch-up.js';
import type { ScheduleSettings } from '../domain/schedule.js';
import { toTiming } from '../domain/timing.js';
import type { NewScheduleInput, ScheduleUpdate } from '../schedules.service.js';
import type { CatchUpInputDto, DeliveryInputDto, OnFailureInputDto } from './schedule-parts.dto.js';
import type { CreateScheduleDto, PreviewScheduleDto, UpdateScheduleDto } from './schedule-request.dto.js';

const DEFAULT_ZONE = 'UTC';
const UNNAMED = 'Not saved yet';

/** @throws DomainError 422 `invalid_timing` */
export const toNewSchedule = (body: CreateScheduleDto): NewScheduleInput => ({
  ...toSettings(body, body.name),
  ...(body.description && { description: body.description }),
  paused: body.paused ?? false,
});

/** @throws DomainError 422 `invalid_timing` */
export const toPreviewSettings = (body: PreviewScheduleDto): ScheduleSettings => toSettings(body, body.name ?? UNNAMED);

/** What was given; a group such as `delivery` is replaced as a whole. @throws DomainError 422 `invalid_timing` */
export const toUpdate = ({
  name,
  description,
  timing,
  target,
  delivery,
  catchUp,
  onFailure,
}: UpdateScheduleDto): ScheduleUpdate => ({
  ...(name !== undefined && { name }),
  ...(description !== undefined && { description }),
  ...(timing && { timing: toTiming(timing, DEFAULT_ZONE, '/timing') }),
  ...(target && { target: { kind: target.kind, options: target.options } }),
  ...(delivery && { delivery: toDelivery(delivery) }),
  ...(catchUp && { catchUp: toCatchUp(catchUp) }),
  ...(onFailure && { onFailure: toFailurePolicy(onFailure) }),
});

const toSettings = (
  { timing, target, delivery, catchUp, onFailure }: Omit<CreateScheduleDto, 'name'>,
  name: string,
): ScheduleSettings => ({
  name,
  timing: toTiming(timing, DEFAULT_ZONE, '/timing'),
  target: { kind: target.kind, options: target.options },
  delivery: toDelivery(delivery),
  catchUp: toCatchUp(catchUp),
  onFailure: toFailurePolicy(onFailure),
});

const toDelivery = (dto: DeliveryInputDto | undefined): ScheduleSettings['delivery'] => ({
  channels: dto?.channels ?? [],
  notifyOwner: dto?.notifyOwner ?? false,
  attachFiles: dto?.attachFiles ?? true,
});

const toCatchUp = (dto: CatchUpInputDto | undefined): ScheduleSettings['catchUp'] => ({
  policy: dto?.policy ?? DEFAULT_CATCH_UP.policy,
  max: dto?.max ?? DEFAULT_CATCH_UP.max,
});

const toFailurePolicy = (dto: OnFailureInputDto | undefined): ScheduleSettings['onFailure'] => ({
  alertAfter: dto?.alertAfter ?? 1,
  channels: dto?.channels ?? [],
  ...(dto?.pauseAfter !== undefined && { pauseAfter: dto.pauseAfter }),
});
