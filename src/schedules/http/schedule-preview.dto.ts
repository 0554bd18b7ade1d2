import { ApiProperty } from '@nestjs/swagger';
import { DateTime } from 'luxon';
import type { Plain } from '../../common/index.js';
import { describeTiming } from '../domain/describe-timing.js';
import type { SchedulePreview } from '../schedule-previews.service.js';
import { Instant, Text, TextOrNull } from './fields.js';
import { TimingDto } from './schedule.dto.js';

class NextRunDto {
  @Instant('The instant')
  at: Date;

  @Text('In local time, with the offset of that day', '2026-06-29T06:30:00.000+02:00')
  local: string;
}

class MessagePreviewDto {
  @Text('Subject of an email, title elsewhere', 'Weekly quality: 97.4 % passed')
  subject: string;

  @Text('As plain text', 'Weekly quality\n\n1,204 executions, 97.4 % passed')
  text: string;

  @Text('As an HTML document', '<!doctype html><html lang="en"><body>…</body></html>')
  html: string;

  @ApiProperty({
    description: "As Slack's blocks",
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ type: 'section', text: { type: 'mrkdwn', text: '*Weekly quality*' } }],
  })
  slackBlocks: readonly Readonly<Record<string, unknown>>[];

  @ApiProperty({
    description: 'As the body of a webhook',
    type: Object,
    additionalProperties: true,
    example: { type: 'schedule.run.succeeded', data: { summary: '1,204 executions, 97.4 % passed' } },
  })
  webhook: Readonly<Record<string, unknown>>;

  @TextOrNull('Title in the inbox', 'Weekly quality')
  inboxTitle: string | null;
}

export class SchedulePreviewDto {
  @ApiProperty({ description: 'When it runs', type: TimingDto })
  timing: TimingDto;

  @ApiProperty({
    description: 'The next runs; all that are left of this century where there are fewer',
    type: [NextRunDto],
  })
  nextRuns: readonly NextRunDto[];

  @ApiProperty({
    description:
      'As it would be written if it ran now under your rights; null where nobody asked, or the job cannot tell beforehand',
    type: MessagePreviewDto,
    nullable: true,
  })
  message: MessagePreviewDto | null;
}

export const toPreviewDto = ({ settings, nextRuns, message }: SchedulePreview): Plain<SchedulePreviewDto> => {
  const { timing } = settings;
  return {
    timing: { ...timing, description: describeTiming(timing) },
    nextRuns: nextRuns.map((at) => ({ at, local: DateTime.fromJSDate(at, { zone: timing.timeZone }).toISO() ?? '' })),
    message: message
      ? {
          ...{ subject: message.subject, text: message.text, html: message.html },
          ...{ slackBlocks: message.slackBlocks, webhook: message.webhook, inboxTitle: message.inbox.title },
        }
      : null,
  };
};
