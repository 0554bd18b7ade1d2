import { describe, expect, it } from '@jest/globals';
import { assessTest, FlakinessPosteriors, HistoryCollector, runTable } from '../../quality/index.js';
import { type Candidate, DEFAULT_POLICY, isActive, isStableAgain, planPolicy, type Quarantine } from './quarantine.js';

const HOUR = 3_600_000;
const posteriors = new FlakinessPosteriors();

/** One outcome per hour, each in a run of its own: P passes, F fails, R passes on retry, S is skipped. */
const candidate = (number: number, outcomes: string, excluded: readonly number[] = []): Candidate => {
  const collector = new HistoryCollector();
  const each = outcomes.split(/(?=.)/);
  const runs = each.map((_, i) => ({
    runId: `run-${i}`,
    startedAt: i * HOUR,
    commit: `c${i}`,
    branch: 'main',
    environment: '',
  }));
  each.forEach((one, i) => {
    const status = one === 'F' ? 1 : one === 'S' ? 4 : 0;
    collector.add(number, i * HOUR, status, i, one === 'R' ? 2 : 1, one === 'R', NaN);
  });
  const history = collector.histories(runTable(runs, new Set(excluded.map((i) => `run-${i}`)))).get(number)!;
  return { number, history, assessment: assessTest(history, posteriors, outcomes.length * HOUR) };
};

const NOBODY = { active: new Set<number>(), lastEndedAt: new Map<number, number>() };
const POLICY = { ...DEFAULT_POLICY, enabled: true, minFlakinessLow: 0 };

describe('isStableAgain', () => {
  it.each<[string, number, number, boolean]>([
    ['FPPPP', 1, 4, true],
    ['FPPPP', 1, 5, false],
    ['FPPRP', 1, 2, false],
    ['FPPFPP', 1, 2, true],
    ['FPSPSP', 1, 3, true],
    ['PPPPPF', 0, 1, false],
    ['PPPP', 2, 3, false],
  ])('of %s since %i over %i: %s', (outcomes, since, runs, stable) => {
    expect(isStableAgain(candidate(1, outcomes).history, since * HOUR, runs)).toBe(stable);
  });

  it('leaves outages out', () => {
    expect(isStableAgain(candidate(1, 'FPPFPP', [3]).history, HOUR, 4)).toBe(true);
  });
});

describe('planPolicy', () => {
  const flaky = candidate(1, 'PPRPPRPPRPPR');
  const flakier = candidate(2, 'PFPFPRPFPFPFPRPF');
  const sound = candidate(3, 'PPPPPPPPPPPP');

  it('takes the flakiest first, up to its limit, and none of the sound', () => {
    expect(planPolicy([flaky, sound, flakier], POLICY, NOBODY).add.map(({ number }) => number)).toEqual([2, 1]);
    const one = planPolicy([flaky, sound, flakier], { ...POLICY, maxTests: 1 }, NOBODY);
    expect(one.add.map(({ number }) => number)).toEqual([2]);
    expect(one.skipped).toEqual([{ test: flaky, why: 'limit_reached' }]);
    const full = { ...NOBODY, active: new Set([9]) };
    expect(planPolicy([flaky], { ...POLICY, maxTests: 1 }, full).add).toEqual([]);
    expect(planPolicy([], POLICY, NOBODY)).toEqual({ add: [], skipped: [] });
  });

  it('leaves alone what is there, is not flaky enough, or has settled', () => {
    const why = (test: Candidate, policy = POLICY, state = NOBODY) => planPolicy([test], policy, state).skipped[0]?.why;
    expect(why(flaky, POLICY, { ...NOBODY, active: new Set([1]) })).toBe('already_quarantined');
    expect(why(flaky, { ...POLICY, minFlakinessLow: 0.9 })).toBe('below_threshold');
    expect(why(candidate(1, 'PPRPPPPPPP'), { ...POLICY, stableAfterRuns: 5 })).toBe('stable_again');
  });

  it('takes back what was let out for new evidence only', () => {
    const letOut = (hour: number) => ({ ...NOBODY, lastEndedAt: new Map([[1, hour * HOUR]]) });
    expect(planPolicy([flaky], POLICY, letOut(11)).skipped).toEqual([{ test: flaky, why: 'no_new_evidence' }]);
    expect(planPolicy([flaky], POLICY, letOut(10)).add).toEqual([flaky]);
  });
});

describe('isActive', () => {
  const now = new Date(1000);
  const stay = (more: Partial<Quarantine>): Quarantine => ({ expiresAt: new Date(2000), ...more }) as Quarantine;
  it('ends by time and by hand', () => {
    expect(isActive(stay({}), now)).toBe(true);
    expect(isActive(stay({ endedAt: now }), now)).toBe(false);
    expect(isActive(stay({ expiresAt: now }), now)).toBe(false);
  });
});
