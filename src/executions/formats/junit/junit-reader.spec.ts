import { describe, expect, it } from '@jest/globals';
import type { ParsedFile } from '../format-reader.js';
import { readFile } from '../read-file.js';
import { validateRow } from '../row-validator.js';
import { fixtureNames, readFixture } from '../../../../test/support/format-fixtures.js';

const good = async (name: string): Promise<ParsedFile> => (await readFixture('junit', 'good', name))[0]!;
const parse = async (xml: string): Promise<ParsedFile> => (await readFile('a.xml', Buffer.from(xml)))[0]!;
const brief = ({ results }: ParsedFile): string[] =>
  results.map(
    ({ suite = '', name, attempt, status, durationMs }) => `${suite} | ${name} #${attempt} ${status} ${durationMs}`,
  );

describe('dialects', () => {
  it('surefire: reruns and flakes are attempts, the last one final', async () => {
    const file = await good('surefire-reruns.xml');
    expect(brief(file)).toEqual([
      'com.shop.CartTest | adds #1 passed 1234500',
      'com.shop.CartTest | pays #1 failed 250',
      'com.shop.CartTest | pays #2 failed undefined',
      'com.shop.CartTest | pays #3 broken 500',
      'com.shop.CartTest | ships #1 failed undefined',
      'com.shop.CartTest | ships #2 timeout undefined',
      'com.shop.CartTest | ships #3 passed 125',
      'com.shop.CartTest | returns #1 skipped 0',
    ]);
    expect(file.results[1]?.error).toEqual({
      type: 'org.opentest4j.AssertionFailedError',
      message: 'expected:<2> but was:<3>',
      stack:
        'org.opentest4j.AssertionFailedError: expected:<2> but was:<3>\n\tat com.shop.CartTest.pays(CartTest.java:42)',
    });
    expect(file.results[2]?.error?.stack).toContain('expected:<2> but was:<4>');
    expect(file.results[2]?.error?.stack).not.toContain('second try');
    expect(file.run).toEqual({ startedAt: '2026-03-01T09:30:00.000Z', attributes: { deployment: 'blue' } });
    expect(file.results.every(({ startedAt }) => startedAt === '2026-03-01T09:30:00.000Z')).toBe(true);
  });

  it('pytest: the class is the suite, an error is broken', async () => {
    const file = await good('pytest.xml');
    expect(brief(file)).toEqual([
      'tests.test_cart.TestCart | test_adds[1-2] #1 passed 1',
      'tests.test_cart.TestCart | test_pays #1 failed 20',
      'tests.test_cart | test_ships #1 skipped 0',
      'tests.test_cart | test_returns #1 broken 500',
      'tests.test_cart | test_labels #1 passed 0.01',
    ]);
    expect(file.results[4]).toMatchObject({
      owner: 'ann',
      tags: ['slow', 'ui'],
      parameters: { browser: 'firefox', locale: 'de' },
    });
    expect(file.run.startedAt).toBe('2026-03-01T09:30:00.123Z');
  });

  it('jest-junit: the class repeats the title', async () => {
    const file = await good('jest-junit.xml');
    expect(brief(file)).toEqual([
      'Cart | Cart adds an item #1 passed 5',
      'Cart | Cart pays #1 timeout 5001',
      'Cart | Cart ships #1 skipped 0',
    ]);
    expect(file.run.name).toBeUndefined();
  });

  it('mocha: the root suite says nothing; each suite has its own time', async () => {
    const file = await good('mocha.xml');
    expect(brief(file)).toEqual(['Cart | Cart adds #1 passed 2', 'Cart | Cart pays #1 failed 10']);
    expect(file.results[0]).toMatchObject({ file: '/builds/shop/test/cart.js', startedAt: '2026-03-01T09:31:00.000Z' });
  });

  it('Gradle: the full class name; a test that stands there twice has two attempts; output is passed over', async () => {
    expect(brief(await good('gradle.xml'))).toEqual([
      'com.shop.CartTest | adds() #1 passed 100',
      'com.shop.CartTest | pays() #1 timeout 100',
      'com.shop.CartTest | pays() #2 passed 100',
    ]);
  });

  it('go-junit-report: the package is the suite, whole or short', async () => {
    const file = await good('go-junit-report.xml');
    expect(brief(file)).toEqual([
      'example.com/shop/cart | TestAdd #1 passed 60',
      'example.com/shop/cart | TestAdd/empty #1 passed 10',
      'example.com/shop/cart | TestPay #1 failed 100',
    ]);
    expect(file.run).toEqual({ startedAt: '2026-03-01T09:30:00.000Z', attributes: { 'go.version': 'go1.23.1' } });
  });

  it('nested suites are a path; a duration that could mean two things is left out', async () => {
    const file = await good('nested.xml');
    expect(brief(file)).toEqual([
      'unit/Shop\\CartTest | testAdds #1 passed 500',
      'unit/Shop\\CartTest/Shop\\CartTest::testPays | testPays with data set #0 #1 passed 1234500',
      'unit | loose #1 passed undefined',
    ]);
    expect(file.warnings).toEqual(['time="1,234" is not a clear duration']);
  });
});

describe('missing parts', () => {
  it('does with what is there', async () => {
    const [file] = await readFixture('junit', 'missing', 'bare.xml');
    expect(brief(file!)).toEqual([
      ' | (unnamed) #1 passed undefined',
      ' | only a name #1 passed undefined',
      ' | OnlyAClass #1 passed undefined',
      ' | bad figures #1 failed undefined',
      ' | no number #1 broken undefined',
      ' | backwards #1 passed undefined',
      ' | off #1 skipped undefined',
      ' | outside #1 passed undefined',
    ]);
    expect(file!.warnings).toEqual([
      'test without a name (2 times)',
      'timestamp="yesterday" is not a time',
      'time="soon" is not a clear duration',
      'time="NaN" is not a clear duration',
      'time="-0.5" is not a clear duration',
    ]);
  });

  it('takes a report without tests', async () => {
    expect(await readFixture('junit', 'missing', 'no-tests.xml')).toEqual([
      { format: 'junit', run: {}, results: [], warnings: [] },
    ]);
  });
});

describe('invalid files', () => {
  it.each(fixtureNames('junit', 'invalid'))('%s: 422 with line and column', async (name) => {
    await expect(readFixture('junit', 'invalid', name)).rejects.toMatchObject({
      kind: 'invalid',
      code: 'invalid_file',
      extensions: { file: name, line: expect.any(Number), column: expect.any(Number) },
    });
  });

  it('says what and where', async () => {
    const wrong = (name: string): Promise<unknown> => readFixture('junit', 'invalid', name);
    await expect(wrong('billion-laughs.xml')).rejects.toThrow(/line 7.*a DTD is not allowed/);
    await expect(wrong('external-entity.xml')).rejects.toThrow(/a DTD is not allowed/);
    await expect(wrong('not-junit.xml')).rejects.toThrow(/line 1.*root element is <html>/);
    await expect(wrong('unknown-entity.xml')).rejects.toThrow(/line 3.*undefined entity/);
    await expect(wrong('wrong-nesting.xml')).rejects.toThrow(/line 3/);
  });
});

describe('limits', () => {
  it('cuts what is too long, and keeps long names apart', async () => {
    const long = 'n'.repeat(2_000);
    const file = await parse(
      `<testsuite name="s"><testcase name="${long}a"/><testcase name="${long}b"><failure>${'x\n'.repeat(60_000)}</failure></testcase></testsuite>`,
    );
    expect(new Set(file.results.map(({ name }) => name)).size).toBe(2);
    expect(file.results[1]?.error?.stack).toMatch(/… cut at 65536 characters$/);
    expect(file.warnings).toHaveLength(2);
    for (const result of file.results) expect(validateRow(result, 0, Date.now()).ok).toBe(true);
  });

  it('replaces control characters, but NUL is not XML', async () => {
    const file = await parse(
      '<testsuite name="s"><testcase name="a"><failure message="\u001b[31mno"/></testcase></testsuite>',
    );
    expect(file.results[0]?.error?.message).toBe('\ufffd[31mno');
    expect(file.warnings).toEqual(['control characters were replaced']);
    await expect(parse('<testsuite name="a\0b"/>')).rejects.toThrow(/line 1/);
  });
});
