import { describe, expect, it } from '@jest/globals';
import type { ReportDefinition } from './report.js';
import { narrow } from './narrow.js';
import { resolveRequest } from './resolve-request.js';

const range = { from: new Date('2026-03-07T05:00Z'), to: new Date('2026-03-10T04:00Z'), timeZone: 'America/New_York' };

const head = (definition: Partial<ReportDefinition> = {}) => ({
  organization: 'acme',
  request: resolveRequest({ type: 'summary', filter: {}, ...definition }, range),
  projects: [
    { id: '1', key: 'web', team: 'shop' },
    { id: '2', key: 'api', team: '' },
  ],
});
const here = { period: 'current' } as const;

describe('narrow', () => {
  it('is the whole report without a path, its projects resolved', () => {
    const { query, projects, empty } = narrow(head({ filter: { projects: ['!lib'], owners: ['core'] } }), here, {}, []);
    expect(query).toEqual({ filter: { owners: ['core'], exact: [] }, range, attempts: 'final' });
    expect({ projects, empty }).toEqual({ projects: ['web', 'api'], empty: false });
  });

  it('takes teams as they were, and none as a team', () => {
    expect(narrow(head(), here, {}, [{ kind: 'team', value: 'shop' }]).projects).toEqual(['web']);
    expect(narrow(head(), here, {}, [{ kind: 'team', value: '' }]).projects).toEqual(['api']);
    expect(narrow(head(), here, {}, [{ kind: 'team', value: 'x' }]).empty).toBe(true);
  });

  it('cuts to the bucket of the cell, the local day and the hour', () => {
    const day = narrow(head(), here, {}, [{ kind: 'day', value: '2026-03-08' }]).query.range;
    expect(day.to.getTime() - day.from.getTime()).toBe(23 * 3_600_000);
    const hour = narrow(head(), here, {}, [
      { kind: 'day', value: '2026-03-08' },
      { kind: 'hour', value: '2026-03-08T06:00Z' },
    ]).query.range;
    expect(hour).toMatchObject({ from: new Date('2026-03-08T06:00Z'), to: new Date('2026-03-08T07:00Z') });
    const bucket = { from: '2026-03-07T05:00:00.000Z', to: '2026-03-08T05:00:00.000Z' };
    expect(narrow(head(), here, { bucket }, [{ kind: 'day', value: '2026-03-08' }]).empty).toBe(true);
  });

  it('keeps exact values of a cell, and what contradicts itself empty', () => {
    const group = [{ kind: 'suite', value: 'a*' } as const, { kind: 'tag', value: '' } as const];
    expect(narrow(head(), here, { group }, []).query.filter.exact).toEqual([
      { dimension: 'suite', value: 'a*' },
      { dimension: 'tag', value: '' },
    ]);
    const tests = head({ filter: { tests: ['a', 'b'] } });
    expect(narrow(tests, here, {}, [{ kind: 'test', value: 'a' }]).query.filter.tests).toEqual(['a']);
    expect(narrow(tests, here, {}, [{ kind: 'test', value: 'c' }]).query.filter.tests).toEqual([]);
    expect(narrow(head(), here, {}, [{ kind: 'organization', value: 'rival' }]).empty).toBe(true);
  });

  it('narrows statuses', () => {
    const failing = head({ filter: { statuses: ['failed', 'broken'] } });
    expect(narrow(failing, here, {}, [], ['failed', 'passed']).query.filter.statuses).toEqual(['failed']);
    expect(narrow(failing, here, {}, [], ['passed']).empty).toBe(true);
    expect(narrow(head(), here, {}, [], ['passed']).query.filter.statuses).toEqual(['passed']);
  });

  it('looks at the period before', () => {
    const { query } = narrow(head(), { period: 'previous' }, {}, []);
    expect(query.range.to).toEqual(range.from);
    expect(query.range.from).toEqual(new Date('2026-03-04T05:00Z'));
  });
});
