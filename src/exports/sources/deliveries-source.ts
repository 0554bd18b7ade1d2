import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/index.js';
import { MetricsService } from '../../metrics/index.js';
import {
  type Attempt,
  DeliveriesService,
  type Delivery,
  DELIVERY_STATES,
  type DeliveryFilter,
  type DeliveryState,
} from '../../notifications/index.js';
import type { Cell, ColumnType, Row, ValueColumn } from '../domain/cell.js';
import { chooseColumns } from '../domain/columns.js';
import { figureText } from '../domain/figure-text.js';
import { ROW_FORMATS } from '../domain/formats.js';
import type { Summary } from '../domain/summary.js';
import type { ExportSource, Extent, PreparedSource, ReadContext, SourceRequest } from './export-source.js';
import { checkLists, namesProjects, PROJECT_LISTS, statesOf } from './project-filter.js';

const PAGE = 500;

type DeliveryColumn = ValueColumn<Delivery>;

const column = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (delivery: Delivery) => Cell | undefined,
): DeliveryColumn => ({ key, title, type, description, value: (delivery) => value(delivery) ?? null });

const ofLast = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (attempt: Attempt) => Cell | undefined,
): DeliveryColumn =>
  column(key, title, type, description, ({ attempts }) => {
    const last = attempts.at(-1);
    return last && value(last);
  });

const COLUMNS: readonly DeliveryColumn[] = [
  column('createdAt', 'Queued', 'date', 'When it was queued', ({ createdAt }) => createdAt),
  column('kind', 'Kind', 'text', 'Kind of message', ({ kind }) => kind),
  column('severity', 'Severity', 'text', 'How bad', ({ severity }) => severity),
  column('channelKind', 'Channel', 'text', 'Kind of the channel', ({ channelKind }) => channelKind),
  column('user', 'User', 'text', 'Subject of the user it goes to', ({ user }) => user),
  column('state', 'State', 'text', DELIVERY_STATES.join(', '), ({ state }) => state),
  column('attempts', 'Attempts', 'number', 'All of them', ({ attemptCount }) => attemptCount),
  ofLast('lastAt', 'Last attempt', 'date', 'When it began', ({ at }) => at),
  ofLast('outcome', 'Outcome', 'text', 'Of the last attempt', ({ outcome }) => outcome),
  ofLast('responseCode', 'Answer', 'number', 'HTTP status or SMTP reply code', ({ responseCode }) => responseCode),
  ofLast('latencyMs', 'Latency (ms)', 'number', 'Of the last attempt', ({ latencyMs }) => latencyMs),
  ofLast('error', 'Error', 'text', 'Code of what went wrong', ({ error }) => error?.code),
  column('finishedAt', 'Finished', 'date', 'When it came to its end', ({ finishedAt }) => finishedAt),
  ofLast('errorDetail', 'Detail', 'text', 'What went wrong', ({ error }) => error?.detail),
  column('reason', 'Reason', 'text', 'Why it is in its state', ({ reason }) => reason),
  column('nextAttemptAt', 'Next attempt', 'date', 'When it is tried next', ({ nextAttemptAt }) => nextAttemptAt),
  column('heldUntil', 'Held until', 'date', 'By quiet hours or a digest', ({ heldUntil }) => heldUntil),
  column('projects', 'Projects', 'list', 'That it is about', ({ projects }) => projects),
  column('channelId', 'Channel id', 'text', 'Id of the channel', ({ channelId }) => channelId),
  column('deliveryId', 'Delivery', 'text', 'Its id', ({ deliveryId }) => deliveryId),
  column('dedupeKey', 'Key', 'text', 'A second message with it is not sent', ({ dedupeKey }) => dedupeKey),
];

const DEFAULTS = COLUMNS.slice(0, 13).map(({ key }) => key);

const COLOURS: Readonly<Record<DeliveryState, string>> = {
  delivered: '#009e73',
  pending: '#56b4e9',
  sending: '#0072b2',
  failed: '#d55e00',
  cancelled: '#999999',
  disabled: '#e69f00',
};

/** The delivery log of notifications, newest first: what was sent to whom in the range, and what came of it. */
@Injectable()
export class DeliveriesSource implements ExportSource {
  readonly kind = 'deliveries';
  readonly title = 'Deliveries';
  readonly description =
    'Messages to channels and users that were queued in the range, newest first, each with its last attempt. Of the filter it knows `projects` and `teams`';
  readonly permission = 'notifications:read';
  readonly formats = [...ROW_FORMATS, 'pdf'] as const;
  readonly columns = COLUMNS;
  readonly defaultColumns = DEFAULTS;
  readonly documentColumns = ['createdAt', 'kind', 'channelKind', 'state', 'attempts', 'error'];

  constructor(
    private readonly deliveries: DeliveriesService,
    private readonly metrics: MetricsService,
  ) {}

  async prepare({ scope }: Principal, { filter, range, options }: SourceRequest): Promise<PreparedSource> {
    checkLists(this.title, filter, PROJECT_LISTS);
    const states = statesOf(options.states, DELIVERY_STATES);
    const projects = await this.metrics.projectsOf(scope, filter);
    return {
      options: states ? { states } : {},
      ...{ filter, range },
      projects: projects.map(({ key }) => key),
      isWide: scope.projects === 'all' && !namesProjects(filter),
      name: 'deliveries',
      defaultColumns: DEFAULTS,
    };
  }

  async extent(context: ReadContext): Promise<Extent> {
    const rows = await this.deliveries.count(context.scope, filterOf(context));
    return { rows, exact: true };
  }

  async *rows(context: ReadContext, keys: readonly string[]): AsyncGenerator<readonly Row[]> {
    const columns = chooseColumns(COLUMNS, keys, DEFAULTS);
    const { scope, signal } = context;
    let cursor: string | undefined;
    do {
      signal.throwIfAborted();
      const page = await this.deliveries.list(scope, filterOf(context), PAGE, cursor);
      if (page.items.length > 0) yield page.items.map((delivery) => columns.map((each) => each.value(delivery)));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  async summary(context: ReadContext): Promise<Summary> {
    const { states = DELIVERY_STATES, ...filter } = filterOf(context);
    const counts = await Promise.all(
      states.map(async (state) => ({
        state,
        count: await this.deliveries.count(context.scope, { ...filter, states: [state] }),
      })),
    );
    const parts = counts.filter(({ count }) => count > 0);
    return {
      title: this.title,
      figures: counts.map(({ state, count }) => ({ label: nameOf(state), value: figureText(count, 'count') })),
      charts:
        parts.length === 0
          ? []
          : [
              {
                kind: 'pie',
                title: 'Deliveries by state',
                parts: parts.map(({ state, count }) => ({ name: state, value: count, colour: COLOURS[state] })),
              },
            ],
      findings: [],
      tables: [],
      withRows: true,
    };
  }
}

const nameOf = (state: string): string => state.charAt(0).toUpperCase() + state.slice(1);

const filterOf = ({
  options,
  filter,
  range: { from, to },
}: Pick<ReadContext, 'options' | 'filter' | 'range'>): DeliveryFilter => {
  const states = options.states as readonly DeliveryState[] | undefined;
  // what is about no project is everybody's to see, but not what was asked for
  return { from, to, aboutProjects: namesProjects(filter), ...(states ? { states } : {}) };
};
