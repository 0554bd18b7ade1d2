import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/node';
import { createProject } from '../executions/support.js';
import { post, RANGE, seed } from '../reports/support.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { cellText, exported, textOfPdf } from './support.js';

jest.setTimeout(400_000);

let api: TestApp;
let runIds: string[] = [];

/** Each begins with what a spreadsheet would run, some after spaces, some in full width. */
const HOSTILE = [
  ...['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '  =cmd|calc', '\u00a0=1', '\u3000@x', '＝1+1', '＋1'],
  ...['－1', '＠x', '=HYPERLINK("http://x","y")', '"=1"', "'=1", 'a,b', 'a"b', 'plain', '-', '1e5', '<b>&amp;</b>'],
];
const STARTED = '2026-04-01T10:00:00.000Z';
const HOSTILE_RANGE = { from: '2026-04-01', to: '2026-04-02' };

beforeAll(async () => {
  api = await startApp();
  runIds = await seed(api);
  await createProject(api, 'hostile');
  await post(
    api,
    '/runs',
    {
      project: 'hostile',
      startedAt: STARTED,
      results: HOSTILE.map((text, i) => ({
        ...{ name: text, suite: text, tags: [text], owner: text, status: 'failed', durationMs: -0 + i },
        error: { type: text, message: text },
      })),
    },
    201,
  );
});
afterAll(() => api.close());

const COLUMNS = ['name', 'suite', 'tags', 'owner', 'errorType', 'errorMessage', 'durationMs', 'startedAt'];
const hostile = {
  source: { kind: 'results' },
  columns: COLUMNS,
  filter: { projects: ['hostile'], timeRange: HOSTILE_RANGE },
};

const wouldRun = (text: string): boolean => /^[=+\-@\t\r\n\0＝＋－＠]/.test(text.replace(/^[ \u00a0\u3000]+/, ''));
/** As it was before an apostrophe was put before it. */
const meant = (text: string): string => (text.startsWith("'") && wouldRun(text.slice(1)) ? text.slice(1) : text);

describe('hostile texts', () => {
  it('are inert in CSV, and the same texts; numbers stay numbers', async () => {
    const { text } = await exported(api, { ...hostile, format: 'csv' });
    // a line ends where CR and LF stand outside of quotes, and nowhere else
    const rows: Record<string, string>[] = parse(text, { columns: true, record_delimiter: '\r\n' });
    expect(rows).toHaveLength(HOSTILE.length);
    for (const row of rows)
      for (const key of COLUMNS) if (key !== 'durationMs') expect(wouldRun(row[key]!)).toBe(false);
    expect(new Set(rows.map(({ name }) => meant(name!).trim()))).toEqual(
      new Set(HOSTILE.map((name) => meant(name).trim())),
    );
    expect(rows.map(({ durationMs }) => Number(durationMs)).sort((a, b) => a - b)).toEqual(HOSTILE.map((_, i) => i));
  });

  it('are inert in XLSX: texts, no formulas; numbers and dates are what they are', async () => {
    const { bytes } = await exported(api, { ...hostile, format: 'excel' });
    const [head, ...rows] = await readSheet(bytes);
    expect(head).toEqual(COLUMNS);
    expect(rows).toHaveLength(HOSTILE.length);
    for (const row of rows) {
      for (const cell of row.slice(0, 6)) {
        expect(typeof cell).toBe('string');
        expect(wouldRun(cell as string)).toBe(false);
      }
      expect(row[7]).toEqual(new Date(STARTED));
    }
    expect(rows.map((row) => row[6]).sort((a, b) => Number(a) - Number(b))).toEqual(HOSTILE.map((_, i) => i));
  });

  it('are left as they are in JSON and NDJSON', async () => {
    const { text } = await exported(api, { ...hostile, format: 'json' });
    const document = JSON.parse(text);
    expect(document).toMatchObject({ source: 'results', columns: COLUMNS, filter: { projects: ['hostile'] } });
    const names = document.rows.map(({ name }: { name: string }) => name);
    expect(new Set(names)).toEqual(new Set(HOSTILE));
    const lines = await exported(api, { ...hostile, format: 'ndjson' });
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(document.rows);
  });
});

describe('each source in each format', () => {
  const SOURCES: [object][] = [
    [{ kind: 'results', attempts: 'final' }],
    [{ kind: 'runs' }],
    [{ kind: 'tests' }],
    [{ kind: 'trend', metrics: ['pass_rate', 'executions'] }],
    [{ kind: 'report', type: 'detailed' }],
  ];

  it.each(SOURCES)('%j: CSV, XLSX and JSON hold the same', async (source: object) => {
    const body = { source, filter: { timeRange: RANGE }, timeZone: 'UTC' };
    const { rows }: { rows: Record<string, unknown>[] } = JSON.parse(
      (await exported(api, { ...body, format: 'json' })).text,
    );
    const csv: string[][] = parse((await exported(api, { ...body, format: 'csv' })).text);
    const sheet = await readSheet((await exported(api, { ...body, format: 'xlsx' })).bytes);
    expect(rows.length).toBeGreaterThan(5);
    expect([csv.length, sheet.length]).toEqual([rows.length + 1, rows.length + 1]);
    rows.forEach((row, i) =>
      Object.values(row).forEach((value, j) => {
        const text = cellText(value);
        expect([i, j, meant(csv[i + 1]![j]!)]).toEqual([i, j, text]);
        const cell = sheet[i + 1]![j];
        // a sheet keeps dates to the millisecond, give or take one
        if (cell instanceof Date) expect(Math.abs(cell.getTime() - Date.parse(text))).toBeLessThanOrEqual(1);
        else expect([i, j, meant(cellText(cell))]).toEqual([i, j, text]);
      }),
    );
  });

  it('writes dates by zone and locale', async () => {
    const body = { ...hostile, columns: ['startedAt'], format: 'csv', maxRecords: 1 };
    const cell = async (more: object): Promise<string> => {
      const rows: string[][] = parse((await exported(api, { ...body, ...more })).text);
      return rows[1]![0]!;
    };
    expect(await cell({ timeZone: 'Asia/Kolkata' })).toBe('2026-04-01T15:30:00.000+05:30');
    expect(await cell({ timeZone: 'America/New_York', locale: 'de-DE' })).toBe('01.04.26, 06:00:00');
  });
});

describe('a document', () => {
  it('says what the report says: title, period, filter, figures with their change, tables, pages', async () => {
    const filter = { branches: ['main', 'feature/x'], timeRange: RANGE };
    const report = await post<{ totals: { executions: number; passRate: { value: number } }; asOf: number }>(
      api,
      '/reports/generate',
      { type: 'detailed', filter, comparePrevious: true },
    );
    const { bytes } = await exported(api, {
      name: 'Quality of March',
      source: { kind: 'report', type: 'detailed' },
      format: 'pdf',
      filter,
    });
    const text = textOfPdf(bytes);
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    for (const part of [
      'Quality of March',
      '01 Mar 2026 to 14 Mar 2026',
      'America/New_York',
      'feature/x, main',
      'Generated',
    ])
      expect(text).toContain(part);
    expect(text).toContain(String(report.totals.executions));
    expect(text).toContain(`${(report.totals.passRate.value * 100).toFixed(1)} %`);
    expect(text).toContain(`as of commit ${report.asOf}`);
    expect(text).toMatch(/Page 1 of \d/);
    expect(text).toContain('checkout/cart');
  });

  it.each([['results'], ['runs'], ['tests'], ['trend']])('is made of %s, rows included', async (kind) => {
    const { bytes } = await exported(api, { source: { kind }, format: 'pdf', filter: { timeRange: RANGE } });
    const text = textOfPdf(bytes);
    expect(text).toMatch(/Page 1 of \d/);
    if (kind === 'results' || kind === 'tests') expect(text).toContain('test 3');
    expect(text).toContain(kind === 'trend' ? 'Pass rate' : 'Executions');
  });

  const documentOf = async (kind: string, columns: readonly string[]): Promise<string> =>
    textOfPdf(
      (
        await exported(api, {
          ...{ source: { kind }, format: 'pdf', columns, timeZone: 'UTC' },
          filter: { projects: ['web', 'api', 'lib'], timeRange: RANGE },
        })
      ).bytes,
    );
  /** The rows of its table, a page after the other; the cells of each with one space between them. */
  const rowsIn = (text: string, isRow: RegExp): string[][] =>
    text.split('\f').map((page) =>
      page
        .split('\n')
        .map((line) => line.trim().replaceAll(/\s+/g, ' '))
        .filter((line) => isRow.test(line)),
    );
  const lineOf = (cells: readonly unknown[]): string =>
    cells
      .map(cellText)
      .filter((text) => text !== '')
      .join(' ');

  it('has every result that the runs have, page after page', async () => {
    const text = await documentOf('results', ['startedAt', 'name', 'status', 'durationMs', 'attempt']);
    const stored = await Promise.all(runIds.map((runId) => api.get(`/runs/${runId}/results?limit=200`)));
    const wanted = stored
      .flatMap(({ body }) => body.items as Loose[])
      .map(({ startedAt, name, status, durationMs, attempt }) =>
        lineOf([startedAt.slice(0, 19).replace('T', ' '), name, status, durationMs, attempt]),
      );
    const pages = rowsIn(text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d test /);
    expect(wanted.length).toBeGreaterThan(100);
    expect(pages.filter((rows) => rows.length > 0).length).toBeGreaterThan(1);
    const rows = pages.flat();
    expect([...rows].sort()).toEqual([...wanted].sort());
    // newest first
    expect(rows.map((row) => row.slice(0, 19))).toEqual(
      wanted
        .map((row) => row.slice(0, 19))
        .sort()
        .reverse(),
    );
  });

  it('has every test of the ranking with its figures, in its order', async () => {
    const text = await documentOf('tests', ['project', 'name', 'lastStatus', 'flakiness', 'failureRate', 'medianMs']);
    const query = new URLSearchParams({ ...RANGE, sort: 'flakiness', order: 'desc', limit: '200' });
    const { body } = await api.get(`/quality-metrics/tests?${query.toString()}&projects=web,api,lib`);
    const percent = (value: number | null): string => (value === null ? '' : `${(value * 100).toFixed(1)} %`);
    const wanted = (body.items as Loose[]).map((test) =>
      lineOf([
        ...[test.project, test.name, test.lastStatus, percent(test.flakiness.score), percent(test.failureRate.value)],
        Number.isInteger(test.durationMs.median) ? test.durationMs.median : test.durationMs.median.toFixed(1),
      ]),
    );
    expect(wanted.length).toBeGreaterThan(30);
    const pages = rowsIn(text, /^(?:web|api|lib) test \d/);
    expect(pages.filter((rows) => rows.length > 0).length).toBeGreaterThan(1);
    expect(pages.flat()).toEqual(wanted);
  });

  it('has room for all columns that a source has', async () => {
    const sources = (await api.get('/exports/sources')).body.items as Loose[];
    for (const kind of ['results', 'runs']) {
      const { columns } = sources.find((source) => source.kind === kind);
      const keys = columns.map(({ key }: Loose) => key);
      expect(keys.length).toBeGreaterThan(15);
      const words = (await documentOf(kind, keys)).split(/\s+/);
      const missing = columns.flatMap(({ title }: Loose) =>
        title.split(' ').filter((word: string) => !words.includes(word)),
      );
      expect(missing).toEqual([]);
    }
  });
});
