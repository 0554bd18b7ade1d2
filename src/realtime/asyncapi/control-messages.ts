import type { Type } from '@nestjs/common';
import { RefreshDto, SubscribeDto, UnsubscribeDto } from '../transport/messages.dto.js';
import {
  DeltasAnswerDto,
  DroppedDto,
  EndedDto,
  ExpiringDto,
  ProblemAnswerDto,
  RefreshedDto,
  ResyncDto,
  SnapshotAnswerDto,
  UnsubscribedDto,
} from './message.dto.js';

export interface ControlMessage {
  /** Name of the socket.io event. */
  readonly event: string;
  /** receive: a client sends it, and gets one of `answers` in the ack. */
  readonly action: 'send' | 'receive';
  readonly payload: Type<object>;
  readonly answers: readonly Type<object>[];
  readonly summary: string;
}

/** What is not the matter of any one kind of room. */
export const CONTROL_MESSAGES: readonly ControlMessage[] = [
  {
    event: 'subscribe',
    action: 'receive',
    payload: SubscribeDto,
    answers: [SnapshotAnswerDto, DeltasAnswerDto, ProblemAnswerDto],
    summary:
      'Into a room. With `epoch` and `lastSeq` the ack brings only what is missing, as long as it is kept; else the whole ' +
      'state. A delta whose number is not the next one means: subscribe again.',
  },
  {
    event: 'unsubscribe',
    action: 'receive',
    payload: UnsubscribeDto,
    answers: [UnsubscribedDto, ProblemAnswerDto],
    summary: 'Out of a room',
  },
  {
    event: 'auth:refresh',
    action: 'receive',
    payload: RefreshDto,
    answers: [RefreshedDto, ProblemAnswerDto],
    summary: 'Goes on with another token of the same subject and organization; all rooms are authorised anew',
  },
  {
    event: 'resync',
    action: 'send',
    payload: ResyncDto,
    answers: [],
    summary: 'Something may have been missed: subscribe again, with what you have',
  },
  {
    event: 'room:dropped',
    action: 'send',
    payload: DroppedDto,
    answers: [],
    summary: 'Out of a room that is gone or may not be seen any more',
  },
  {
    event: 'auth:expiring',
    action: 'send',
    payload: ExpiringDto,
    answers: [],
    summary: 'The token ends within 60 s: send `auth:refresh`, else the socket is closed then',
  },
  {
    event: 'auth:ended',
    action: 'send',
    payload: EndedDto,
    answers: [],
    summary: 'The last message before the socket is closed for want of rights',
  },
];
