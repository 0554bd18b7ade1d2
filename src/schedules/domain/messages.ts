import type { OutgoingMessage } from '../../notifications/index.js';
import type { Schedule } from './schedule.js';

/** Kind of the message about a run that succeeded, and of the one about runs that failed. */
export const RUN_MESSAGE = 'schedule_run';
export const FAILURE_MESSAGE = 'schedule_failed';

type Receiver = { readonly channelId: string } | { readonly user: string };

/** One message for each channel, and for the owner where the schedule says so. */
export const successMessages = (schedule: Schedule, runId: string): OutgoingMessage[] => {
  const { channels, notifyOwner } = schedule.delivery;
  const receivers = [...toChannels(channels), ...(notifyOwner ? toOwner(schedule) : [])];
  return receivers.map((receiver) => message(schedule, runId, RUN_MESSAGE, 'low', receiver));
};

/** To the owner, whose schedule it is, and to the channels named for it. */
export const failureMessages = (schedule: Schedule, runId: string): OutgoingMessage[] =>
  [...toChannels(schedule.onFailure.channels), ...toOwner(schedule)].map((receiver) =>
    message(schedule, runId, FAILURE_MESSAGE, 'high', receiver),
  );

const toChannels = (channelIds: readonly string[]): Receiver[] => channelIds.map((channelId) => ({ channelId }));

/** An API key reads no inbox. */
const toOwner = ({ owner }: Schedule): Receiver[] => (owner.kind === 'user' ? [{ user: owner.subject }] : []);

const message = (
  { scheduleId, owner }: Schedule,
  runId: string,
  kind: string,
  severity: 'low' | 'high',
  receiver: Receiver,
): OutgoingMessage => {
  const to = 'user' in receiver ? `user ${receiver.user}` : `channel ${receiver.channelId}`;
  return {
    ...{ organization: owner.organization, kind, severity, payload: { scheduleId, runId } },
    dedupeKey: `${kind} ${runId} ${to}`,
    // who sees the schedule sees its messages
    ...(owner.projects === 'all' ? { wide: true } : { projects: owner.projects }),
    ...receiver,
  };
};
