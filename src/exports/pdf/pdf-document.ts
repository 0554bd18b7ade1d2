import type { Chart, KeyFigure, Section, SummaryTable } from '../domain/summary.js';
import { drawChart } from './charts.js';
import { breakable } from './breakable.js';
import type { PdfInput, PdfTable } from './pdf-input.js';
import type { Content, PdfDefinition, TableCell } from './pdfmake.js';

const INK = '#202428';
const MUTED = '#6a737d';
const GOOD = '#007a59';
const BAD = '#b34700';
const LINE = '#d9dde1';
const SHADE = '#f4f6f8';
/** Columns of a table for which A4 is wide enough, upright and lying, and those that may be as wide as their words. */
const UPRIGHT_COLUMNS = 6;
const LYING_COLUMNS = 12;
const FREE_COLUMNS = 8;
const MARGIN = 40;
const A4 = { width: 595.28, height: 841.89 };
const CELL_PADDING = 3;
const CHART_HEIGHT = 190;
/** Of the height of a page. */
const LOWEST_HEADING = 0.86;
/** Of a paragraph. */
const LONGEST_TEXT = 5_000;

const changeColour = ({ better }: KeyFigure): string => (better === true ? GOOD : better === false ? BAD : MUTED);

const figureCell = (figure: KeyFigure): TableCell => ({
  stack: [
    { text: figure.label, color: MUTED, fontSize: 8 },
    { text: figure.value, fontSize: 17, bold: true, margin: [0, 2, 0, 1] },
    { text: figure.change === undefined ? ' ' : figure.change, color: changeColour(figure), fontSize: 8 },
  ],
  margin: [6, 5, 6, 5],
  fillColor: SHADE,
});

const figures = (list: readonly KeyFigure[], perRow: number): Content[] => {
  if (list.length === 0) return [];
  const rows = Array.from({ length: Math.ceil(list.length / perRow) }, (_, i) => {
    const cells = list.slice(i * perRow, (i + 1) * perRow).map(figureCell);
    return [...cells, ...Array.from({ length: perRow - cells.length }, (): TableCell => ({ text: '' }))];
  });
  const layout = {
    hLineWidth: () => 4,
    vLineWidth: (i: number) => (i === 0 || i === perRow ? 0 : 4),
    hLineColor: () => '#ffffff',
    vLineColor: () => '#ffffff',
    paddingLeft: () => 0,
    paddingRight: () => 0,
    paddingTop: () => 0,
    paddingBottom: () => 0,
  };
  return [
    {
      table: { widths: Array.from({ length: perRow }, () => '*'), body: rows, dontBreakRows: true },
      ...{ layout, margin: [0, 10, 0, 0] },
    },
    ...(list.some(({ change = 'unchanged' }) => !/unchanged|against/.test(change))
      ? [{ text: 'Changes are against the period of the same length just before.', color: MUTED, fontSize: 7.5 }]
      : []),
  ];
};

const heading = (text: string): Content => ({ text, fontSize: 11, bold: true, margin: [0, 14, 0, 4] });
const sectionHeading = (text: string): Content => ({ ...heading(text), fontSize: 13, margin: [0, 18, 0, 2] });

/** May begin a page. Never within what is not broken anyway: pdfmake loses what stands there after a break of its own. */
const breaking = (content: Content): Content => ({ ...content, headlineLevel: 1 });

/** Axes without a line say nothing. */
const hasValues = (chart: Chart): boolean =>
  chart.kind !== 'line' || chart.series.some(({ values }) => values.some((value) => value !== null));

const charts = (list: readonly Chart[], width: number): Content[] =>
  list.filter(hasValues).flatMap((chart): Content[] => {
    const chartWidth = chart.kind === 'pie' ? Math.min(width, 420) : width;
    const svg = drawChart(chart, chartWidth, CHART_HEIGHT);
    const drawn = { svg, width: chartWidth, alignment: chart.kind === 'pie' ? 'center' : 'left' };
    return [{ stack: [...(chart.title === '' ? [] : [heading(chart.title)]), drawn], unbreakable: true }];
  });

const LAYOUT = {
  hLineWidth: (i: number) => (i === 1 ? 0.8 : 0.4),
  vLineWidth: () => 0,
  hLineColor: () => LINE,
  paddingLeft: () => CELL_PADDING,
  paddingRight: () => CELL_PADDING,
  paddingTop: () => 2.5,
  paddingBottom: () => 2.5,
  fillColor: (row: number) => (row > 0 && row % 2 === 0 ? '#fafbfc' : null),
};

type AnyTable = Pick<PdfTable, 'title' | 'rows' | 'note'> & {
  readonly columns: readonly { readonly title: string; readonly isNumber: boolean; readonly wide?: boolean }[];
};

/** pdfmake lets columns that want more than there is run off the page: from so many on each has its share. */
const widthsOf = (columns: AnyTable['columns'], width: number): (number | string)[] => {
  const share = width / columns.length - 2 * CELL_PADDING;
  return columns.map(({ wide }) => (columns.length > FREE_COLUMNS ? share : wide ? '*' : 'auto'));
};

const table = ({ title, columns, rows, note }: AnyTable, fontSize: number, width: number): Content[] => {
  const head = columns.map(({ title: text, isNumber }): TableCell => ({
    text,
    bold: true,
    color: MUTED,
    noWrap: isNumber,
    alignment: isNumber ? 'right' : 'left',
  }));
  const body = rows.map((row) =>
    row.map((value, i): TableCell => {
      const isNumber = columns[i]?.isNumber === true;
      return { text: isNumber ? value : breakable(value), alignment: isNumber ? 'right' : 'left', noWrap: isNumber };
    }),
  );
  return [
    ...(title === '' ? [] : [breaking(heading(title))]),
    ...(rows.length === 0
      ? [{ text: 'Nothing to show.', color: MUTED, fontSize: 9 }]
      : [
          {
            table: {
              headerRows: 1,
              dontBreakRows: true,
              keepWithHeaderRows: 1,
              widths: widthsOf(columns, width),
              body: [head, ...body],
            },
            layout: LAYOUT,
            fontSize,
          },
        ]),
    ...(note === undefined ? [] : [{ text: note, color: MUTED, fontSize: 8, margin: [0, 3, 0, 0] }]),
  ];
};

const sections = (list: readonly Section[], width: number, perRow: number): Content[] =>
  list.flatMap((section): Content[] => {
    const title = sectionHeading(section.title);
    const head = [
      ...section.texts.map((text) => ({ text: breakable(text, LONGEST_TEXT), fontSize: 9.5, margin: [0, 2, 0, 2] })),
      ...figures(section.figures, perRow),
    ];
    const [first, ...others] = charts(section.charts, width);
    return [
      // the heading of a chart goes with it to the next page
      ...(first ? [{ stack: [title, ...head, first], unbreakable: true }] : [breaking(title), ...head]),
      ...others,
      ...section.tables.flatMap((each) => table(each, 8.5, width)),
    ];
  });

const facts = ({ organization, period, filters, generatedAt, summary, link }: PdfInput): Content => {
  const line = (name: string, value: Content): TableCell[] => [{ text: name, color: MUTED, noWrap: true }, value];
  const asOf = summary.asOf === undefined ? '' : `, as of commit ${summary.asOf}`;
  return {
    table: {
      widths: ['auto', '*'],
      body: [
        line('Organization', { text: organization }),
        line('Period', { text: period }),
        ...(filters.length === 0
          ? [line('Filter', { text: 'none: everything that the period holds' })]
          : filters.map(({ name, values }) => line(name, { text: breakable(values) }))),
        line('Generated', { text: `${generatedAt}${asOf}` }),
        ...(link === undefined ? [] : [line('Source', { text: breakable(link), link, color: '#0b5cad' })]),
      ],
    },
    layout: {
      ...LAYOUT,
      hLineWidth: () => 0,
      paddingLeft: () => 0,
      paddingRight: () => 10,
      paddingTop: () => 1,
      paddingBottom: () => 1,
      fillColor: () => null,
    },
    fontSize: 9,
  };
};

/** Of pages on which all columns of the rows have room: lying where they are many, wider than A4 where they are more. */
const pageSizeOf = (columns: number): PdfDefinition['pageSize'] => {
  if (columns <= UPRIGHT_COLUMNS) return A4;
  const times = Math.max(1, columns / LYING_COLUMNS);
  return { width: (A4.height - 2 * MARGIN) * times + 2 * MARGIN, height: A4.width };
};

/** The pages, as pdfmake wants them described. */
export const documentOf = (input: PdfInput): PdfDefinition => {
  const { summary, table: rows } = input;
  const pageSize = pageSizeOf(rows?.columns.length ?? 0);
  const isWide = pageSize !== A4;
  const width = pageSize.width - 2 * MARGIN;
  const tables: readonly SummaryTable[] = summary.tables;
  return {
    pageSize,
    pageMargins: [MARGIN, 46, MARGIN, 46],
    info: {
      title: input.name,
      subject: summary.title,
      creator: 'Execution reporting',
      producer: 'Execution reporting',
    },
    defaultStyle: { font: 'Roboto', fontSize: 9.5, color: INK, lineHeight: 1.12 },
    header: (page: number): Content =>
      page === 1 ? { text: '' } : { text: input.name, color: MUTED, fontSize: 8, margin: [MARGIN, 22, MARGIN, 0] },
    footer: (page: number, pages: number): Content => ({
      columns: [
        { text: `Generated ${input.generatedAt}`, alignment: 'left' },
        { text: `Page ${page} of ${pages}`, alignment: 'right' },
      ],
      color: MUTED,
      fontSize: 8,
      margin: [MARGIN, 16, MARGIN, 0],
    }),
    // a heading must not stand alone at the foot of a page
    pageBreakBefore: ({ headlineLevel, startPosition }) =>
      headlineLevel === 1 && startPosition.verticalRatio > LOWEST_HEADING,
    content: [
      { text: summary.title, fontSize: 20, bold: true },
      ...(input.name.toLowerCase() === summary.title.toLowerCase()
        ? []
        : [{ text: input.name, fontSize: 11, color: MUTED }]),
      {
        canvas: [{ type: 'line', x1: 0, y1: 5, x2: width, y2: 5, lineWidth: 1, lineColor: LINE }],
        margin: [0, 0, 0, 6],
      },
      facts(input),
      ...figures(summary.figures, isWide ? 6 : 3),
      ...(summary.findings.length === 0
        ? []
        : [
            breaking(heading('What stands out')),
            { ul: summary.findings.map((text) => breakable(text)), fontSize: 9.5 },
          ]),
      ...charts(summary.charts, width),
      ...tables.flatMap((each) => table(each, 8.5, width)),
      ...sections(summary.sections ?? [], width, isWide ? 6 : 3),
      ...(rows ? table(rows, isWide ? 7 : 8, width) : []),
    ],
  };
};
