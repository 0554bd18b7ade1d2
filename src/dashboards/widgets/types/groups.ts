import { ApiProperty } from '@nestjs/swagger';
import type { Plain } from '../../../common/index.js';
import { type AnswerRow, countsOf, type Dimension, durationsOf, toCell } from '../../../metrics/index.js';
import { ChoiceOption, GroupText, Numeric, TextOrNull, TopOption } from '../fields.js';
import { WidgetCellDto } from '../parts.dto.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';

const SORTS = ['failures', 'passRate', 'executions', 'duration', 'name'] as const;
type Sort = (typeof SORTS)[number];

/** What comes first is smaller: the worst, the most, the longest; names from A to Z. */
const RANKS: Readonly<Record<Exclude<Sort, 'name'>, (row: AnswerRow) => number>> = {
  failures: ({ aggregate }) => -countsOf(aggregate).failures,
  passRate: ({ aggregate }) => {
    const { passed, judged } = countsOf(aggregate);
    return judged === 0 ? 2 : passed / judged;
  },
  executions: ({ aggregate }) => -countsOf(aggregate).executions,
  duration: ({ aggregate }) => -(durationsOf(aggregate).p95 ?? -1),
};

const sorted = (rows: readonly AnswerRow[], sort: Sort): AnswerRow[] => {
  const byName = (a: AnswerRow, b: AnswerRow): number => a.group.join('\0').localeCompare(b.group.join('\0'));
  if (sort === 'name') return [...rows].sort(byName);
  const rank = new Map(rows.map((row) => [row, RANKS[sort](row)]));
  return [...rows].sort((a, b) => rank.get(a)! - rank.get(b)! || byName(a, b));
};

const groupedRows = async (
  { scope, filter, range, links, sources }: WidgetContext,
  dimensions: readonly Dimension[],
  sort: Sort,
  top: number,
): Promise<{ readonly total: number; readonly rows: { group: readonly string[]; cell: Plain<WidgetCellDto> }[] }> => {
  const { rows } = await sources.metrics.query(scope, { filter, range, groupBy: dimensions, attempts: 'final' });
  return {
    total: rows.length,
    rows: sorted(rows, sort)
      .slice(0, top)
      .map(({ group, aggregate }) => {
        const path = dimensions.map((dimension, i) => [dimension, group[i]!] as const);
        return { group, cell: toCell(aggregate, links.cell({ group: path })) };
      }),
  };
};

export class SuiteTableOptionsDto {
  @ChoiceOption('What comes first', SORTS, 'failures')
  sort?: Sort;

  @TopOption(10)
  top?: number;
}

class SuiteRowDto {
  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @TextOrNull('Suite; null for none', 'checkout/cart')
  suite: string | null;

  @ApiProperty({ description: 'Its figures', type: WidgetCellDto })
  cell: WidgetCellDto;
}

export class SuiteTableDataDto {
  @Numeric('Suites in all', 18)
  total: number;

  @ApiProperty({ description: 'As many as asked for', type: [SuiteRowDto] })
  rows: readonly SuiteRowDto[];
}

export const suiteTable: WidgetType<SuiteTableOptionsDto, SuiteTableDataDto> = {
  type: 'suite_table',
  title: 'Suites',
  description: 'Suites with counts, pass rate and durations, the worst first.',
  optionsDto: SuiteTableOptionsDto,
  dataDto: SuiteTableDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Worst suites', options: { sort: 'failures', top: 10 } },
  reach: 'filter',
  async compute(context, { sort = 'failures', top = 10 }) {
    const { total, rows } = await groupedRows(context, ['project', 'suite'], sort, top);
    const view = rows.map(({ group, cell }) => ({ project: group[0]!, suite: group[1] || null, cell }));
    return { total, rows: view };
  },
};

export const BREAKDOWNS = [
  'branch',
  'environment',
  'project',
  'team',
  'type',
  'owner',
  'user',
  'tag',
  'kind',
] as const satisfies readonly Dimension[];

export class PassRateByOptionsDto {
  @ChoiceOption('What to tell apart', BREAKDOWNS, 'branch')
  dimension?: (typeof BREAKDOWNS)[number];

  @ChoiceOption('What comes first', SORTS, 'executions')
  sort?: Sort;

  @TopOption(10)
  top?: number;
}

class PassRateRowDto {
  @GroupText('Value of the dimension; null for none', 'main')
  group: string | null;

  @ApiProperty({ description: 'Its figures', type: WidgetCellDto })
  cell: WidgetCellDto;
}

export class PassRateByDataDto {
  @ApiProperty({ description: 'What they are told apart by', enum: BREAKDOWNS, example: 'branch' })
  dimension: string;

  @Numeric('Groups in all', 4)
  total: number;

  @ApiProperty({ description: 'As many as asked for', type: [PassRateRowDto] })
  rows: readonly PassRateRowDto[];
}

export const passRateBy: WidgetType<PassRateByOptionsDto, PassRateByDataDto> = {
  type: 'pass_rate_by',
  title: 'Pass rate by branch or environment',
  description: 'Pass rates with their intervals, side by side.',
  optionsDto: PassRateByOptionsDto,
  dataDto: PassRateByDataDto,
  size: { w: 6, h: 3 },
  example: { title: 'Pass rate by environment', options: { dimension: 'environment' } },
  reach: 'filter',
  async compute(context, { dimension = 'branch', sort = 'executions', top = 10 }) {
    const { total, rows } = await groupedRows(context, [dimension], sort, top);
    return { dimension, total, rows: rows.map(({ group, cell }) => ({ group: group[0] || null, cell })) };
  },
};
