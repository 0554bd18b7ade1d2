import { describe, expect, it } from '@jest/globals';
import { incidentsOf } from './incidents.js';
import { storedAlert } from './testing/stored-alerts.js';
import { at } from './testing/alerts.js';

describe('incidents', () => {
  it('are none without alerts, and none of alerts that share nothing', () => {
    expect(incidentsOf([])).toEqual([]);
    expect(incidentsOf([storedAlert('a', { runId: '1' }), storedAlert('b', { runId: '2' }), storedAlert('c')])).toEqual(
      [],
    );
  });

  it('join what shares a run, a commit or a failure, also over others', () => {
    const [incident, ...more] = incidentsOf([
      storedAlert('a', { runId: '1', commit: 'x' }, 3),
      storedAlert('b', { runId: '2', commit: 'x', fingerprint: 'f' }, 1),
      storedAlert('c', { runId: '3', fingerprint: 'f' }, 2),
      storedAlert('d', { runId: '4' }, 0),
    ]);
    expect(more).toEqual([]);
    expect(incident!.alerts.map(({ alertId }) => alertId)).toEqual(['b', 'c', 'a']);
    expect(incident).toMatchObject({ since: at(1), cause: { kind: 'cluster', value: 'f', alerts: 2 } });
    expect(incident!.causes.map(({ kind, value }) => `${kind} ${value}`)).toEqual(['cluster f', 'commit x']);
  });

  it('do not join projects: the same commit text elsewhere is another commit', () => {
    const other = { runId: '2', commit: 'x', projectKey: 'app' };
    expect(incidentsOf([storedAlert('a', { runId: '1', commit: 'x' }), storedAlert('b', other)])).toEqual([]);
  });

  it('keep their id while their oldest alert is on', () => {
    const a = storedAlert('a', { runId: '1' }, 1);
    const b = storedAlert('b', { runId: '1' }, 2);
    const c = storedAlert('c', { runId: '1' }, 3);
    expect(incidentsOf([c, b, a])[0]!.incidentId).toBe(incidentsOf([a, b])[0]!.incidentId);
  });
});
