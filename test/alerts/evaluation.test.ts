import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AlertsWorld } from './support.js';

let world: AlertsWorld;
beforeAll(async () => {
  world = await AlertsWorld.start();
}, 60_000);
beforeEach(() => world.reset());
afterAll(() => world.app.close());

const good = { pays: 'passed', finds: 'passed' };
const bad = { pays: 'failed', finds: 'passed' };

describe('a rule on every ingested run', () => {
  it('fires and resolves with the runs, and names the run and the error behind it', async () => {
    await world.run(60, good);
    const { ruleId } = await world.rule();
    const runId = await world.run(5, bad, { name: 'nightly', commit: 'abc123' });
    const [alert] = await world.until((items) => items[0]?.state === 'firing');
    expect(alert).toMatchObject({
      ...{ ruleId, level: 'critical', value: 0.75, n: 4, severity: 'medium', episode: 1 },
      expected: { critical: 0.9, warning: null },
      culprit: { runId, commit: 'abc123', runName: 'nightly', failures: 1, error: 'expected 200 to equal 503' },
      labels: { project: 'web', rule: 'Pass rate' },
    });
    const status = await world.status('?includeHistory=true');
    expect(status).toMatchObject({
      overall: 'critical',
      counts: { byState: { firing: 1 }, bySeverity: { medium: 1 } },
    });
    expect(status.items[0].timeline).toMatchObject([{ kind: 'moved', details: { to: 'firing', value: 0.75 } }]);
    for (let i = 0; i < 3; i++) await world.run(4, { ...good, buys: 'passed', sells: 'passed' });
    const [resolved] = await world.until((items) => items[0]?.state === 'resolved');
    expect(resolved).toMatchObject({ resolveReason: 'recovered', level: 'critical' });
    expect((await world.status()).overall).toBe('ok');
  });
});
