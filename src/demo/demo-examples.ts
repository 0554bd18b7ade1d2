import { Injectable } from '@nestjs/common';
import { AlertRulesService, DEFAULT_GROUPING, type RuleSettings } from '../alerts/index.js';
import { DomainError } from '../common/index.js';
import { GatesService } from '../gates/index.js';
import { ChannelsService } from '../notifications/index.js';
import { SchedulesService } from '../schedules/index.js';
import { demoPrincipal } from './demo-principal.js';
import { DEMO_PROJECT } from './domain/generate-demo.js';

/** Whom the token of the first start belongs to. */
const READER = 'developer';
const CHANNEL = 'Demo inbox';
const RULE = 'Failing tests of a suite';
const GATE = 'Demo gate';
const SCHEDULE = 'Weekly demo report';
const DAY_MS = 86_400_000;
const PAGE = 200;

const ruleFor = (channelId: string): RuleSettings => ({
  name: RULE,
  description: 'Suites of the demo shop in which tests have failed within a week',
  ...{ metric: 'failures', filter: { projects: [DEMO_PROJECT] }, condition: 'above', warning: 0, critical: 20 },
  ...{ groupBy: ['suite'], windowMs: 7 * DAY_MS, timeZone: 'UTC', forMs: 0, keepFiringForMs: 0, cooldownMs: 0 },
  ...{ minimumSample: 1, severity: 'medium', labels: {}, onNoData: 'keep_last', onError: 'keep_last', enabled: true },
  channels: [channelId],
  grouping: { ...DEFAULT_GROUPING, repeatMs: DAY_MS },
});

const gate = {
  ...{ project: DEMO_PROJECT, name: GATE, enabled: true, baseBranch: 'main', window: 5 },
  rules: [
    { rule: 'new_failures', threshold: 0, severity: 'fail', minimumSample: 1 },
    { rule: 'pass_rate', threshold: 0.95, severity: 'warn', minimumSample: 20 },
  ],
} as const;

const scheduleFor = (channelId: string) =>
  ({
    name: SCHEDULE,
    description: 'Each Monday morning, to the inbox',
    timing: { cron: '30 6 * * MON', timeZone: 'UTC' },
    target: {
      kind: 'report',
      options: { window: 'previous_week', request: { type: 'summary', filter: { projects: [DEMO_PROJECT] } } },
    },
    delivery: { channels: [channelId], notifyOwner: false, attachFiles: true },
    catchUp: { policy: 'once', max: 1 },
    onFailure: { alertAfter: 1, channels: [] },
    paused: false,
  }) as const;

/** One of each thing that people make besides dashboards, so that a newcomer sees how it looks when it works. */
@Injectable()
export class DemoExamples {
  constructor(
    private readonly channels: ChannelsService,
    private readonly rules: AlertRulesService,
    private readonly gates: GatesService,
    private readonly schedules: SchedulesService,
  ) {}

  /** Can be repeated: what is there by its name stays as it is. For the end of a load: its rule is looked at with each run. */
  async ensure(): Promise<void> {
    const me = demoPrincipal();
    const channelId = (await this.channel()) ?? (await this.createChannel());
    if (!(await this.rule())) await this.rules.create(me, ruleFor(channelId));
    if (!(await this.gate())) await this.gates.create(me, gate);
    if (!(await this.schedule())) await this.schedules.create(me, scheduleFor(channelId));
  }

  /** Those of the demo; what people made of their own stays. */
  async remove(): Promise<void> {
    const me = demoPrincipal();
    const [schedule, rule, gateId, channel] = [
      await this.schedule(),
      await this.rule(),
      await this.gate(),
      await this.channel(),
    ];
    if (schedule !== undefined) await this.schedules.remove(me, schedule);
    if (rule !== undefined) await this.rules.delete(me, rule);
    if (gateId !== undefined) await this.gates.delete(me, gateId);
    if (channel !== undefined) await this.channels.remove(me, channel).catch(unlessInUse);
  }

  private async createChannel(): Promise<string> {
    const draft = { name: CHANNEL, kind: 'inbox', project: DEMO_PROJECT, inbox: { users: [READER] } } as const;
    return (await this.channels.create(demoPrincipal(), draft)).channel.channelId;
  }

  private async channel(): Promise<string | undefined> {
    const { items } = await this.channels.list(demoPrincipal().scope, { kind: 'inbox' }, PAGE);
    return items.find(({ name }) => name === CHANNEL)?.channelId;
  }

  private async rule(): Promise<string | undefined> {
    const { items } = await this.rules.list(demoPrincipal().scope, { project: DEMO_PROJECT }, PAGE);
    return items.find(({ name }) => name === RULE)?.ruleId;
  }

  private async gate(): Promise<string | undefined> {
    const { items } = await this.gates.list(demoPrincipal().scope, DEMO_PROJECT, PAGE);
    return items.find(({ name }) => name === GATE)?.gateId;
  }

  private async schedule(): Promise<string | undefined> {
    const { items } = await this.schedules.list(demoPrincipal().scope, { kind: 'report' }, PAGE);
    return items.find(({ name }) => name === SCHEDULE)?.scheduleId;
  }
}

/** Somebody has something of their own sent over it. */
const unlessInUse = (error: unknown): void => {
  if (!(error instanceof DomainError && error.code === 'channel_in_use')) throw error;
};
