import type { QualityRule } from './rules.js';
import { byFlakiness, percent, plural, runEvidence, testEvidence } from './rules.js';

const DAY_MS = 86_400_000;

/** What to do next. */
export const RECOMMENDATION_RULES: readonly QualityRule[] = [
  {
    id: 'quarantine_confirmed_flaky',
    evaluate: ({ tests }) => {
      const flaky = byFlakiness(tests.filter((test) => test.assessment.label === 'confirmed' && !test.quarantined));
      if (flaky.length === 0) return undefined;
      return {
        severity: 'high',
        message: `Quarantine ${plural(flaky.length, 'confirmed flaky test')} until repaired, "${flaky[0]!.name}" first`,
        evidence: testEvidence(flaky, { tests: flaky.length, highestLow: flaky[0]!.assessment.flakiness.low }),
      };
    },
  },
  {
    id: 'rerun_suspected',
    evaluate: ({ tests }) => {
      const suspected = byFlakiness(tests.filter((test) => test.assessment.label === 'suspected'));
      if (suspected.length === 0) return undefined;
      return {
        severity: 'medium',
        message: `Run ${plural(suspected.length, 'suspected test')} again on one commit: a disagreement would confirm`,
        evidence: testEvidence(suspected, { tests: suspected.length }),
      };
    },
  },
  {
    id: 'fix_or_remove_broken',
    evaluate: ({ tests }) => {
      const broken = tests
        .filter((test) => test.assessment.label === 'broken')
        .sort((a, b) => b.assessment.segmentRuns - a.assessment.segmentRuns);
      if (broken.length === 0) return undefined;
      const runs = broken[0]!.assessment.segmentRuns;
      return {
        severity: 'high',
        message: `Fix or remove ${plural(broken.length, 'broken test')}; "${broken[0]!.name}" has failed ${runs} times in a row`,
        evidence: testEvidence(broken, { tests: broken.length, longestRow: runs }),
      };
    },
  },
  {
    id: 'release_quarantined_stable',
    evaluate: ({ tests }) => {
      const healed = tests.filter((test) => test.quarantined && test.assessment.label === 'stable');
      if (healed.length === 0) return undefined;
      return {
        severity: 'low',
        message: `${plural(healed.length, 'quarantined test is', 'quarantined tests are')} stable again: end the quarantine`,
        evidence: testEvidence(healed, { tests: healed.length }),
      };
    },
  },
  {
    id: 'reduce_retries',
    evaluate: ({ retries, tests }) => {
      const needing = byFlakiness(tests.filter((test) => test.assessment.disagreements.length > 0));
      if (retries.wastedMs < 3_600_000 || needing.length === 0) return undefined;
      return {
        severity: 'low',
        message: `Retries took ${(retries.wastedMs / 3_600_000).toFixed(1)} hours of testing; repairing the tests that need them saves that`,
        evidence: testEvidence(needing, { outcomes: retries.outcomes, wastedMs: retries.wastedMs }),
      };
    },
  },
];

/** What is worth knowing, good or bad. */
export const INSIGHT_RULES: readonly QualityRule[] = [
  {
    id: 'score_changed',
    evaluate: ({ score, previousScore, recentRuns }) => {
      if (score.value === null || typeof previousScore?.value !== 'number') return undefined;
      const change = score.value - previousScore.value;
      if (Math.abs(change) < 2) return undefined;
      const partOf = (id: string): number =>
        (score.parts.find((part) => part.id === id)?.points ?? 0) -
        (previousScore.parts.find((part) => part.id === id)?.points ?? 0);
      const driver = score.parts.map((part) => part.id).sort((a, b) => (partOf(b) - partOf(a)) * Math.sign(change))[0]!;
      return {
        severity: change < -5 ? 'medium' : 'info',
        message: `The score ${change > 0 ? 'rose' : 'fell'} by ${Math.abs(change).toFixed(1)} points, most of it from ${driver}`,
        evidence: runEvidence(recentRuns, { before: previousScore.value, now: score.value, driver: partOf(driver) }),
      };
    },
  },
  {
    id: 'weakest_part',
    evaluate: ({ score, recentRuns }) => {
      const lost = score.parts
        .filter((part) => part.value !== null)
        .map((part) => ({ id: part.id, points: part.weight - part.points }))
        .sort((a, b) => b.points - a.points)[0];
      if (score.value === null || lost === undefined || lost.points < 3) return undefined;
      return {
        severity: 'info',
        message: `${lost.id} costs the score the most: ${lost.points.toFixed(1)} points`,
        evidence: runEvidence(recentRuns, { lostPoints: lost.points }),
      };
    },
  },
  {
    id: 'newly_failing',
    evaluate: ({ tests, now }) => {
      const fresh = tests.filter((test) => test.openEpisodes.some((episode) => now - episode.from < DAY_MS));
      if (fresh.length === 0) return undefined;
      return {
        severity: 'info',
        message: `${plural(fresh.length, 'test')} began to fail within the last day`,
        evidence: testEvidence(fresh, { tests: fresh.length }, (test) =>
          test.openEpisodes.map((episode) => episode.firstRunId),
        ),
      };
    },
  },
  {
    id: 'flakiness_concentrated',
    evaluate: ({ tests }) => {
      const flaky = byFlakiness(tests.filter((test) => ['confirmed', 'suspected'].includes(test.assessment.label)));
      const total = tests.reduce((sum, test) => sum + test.assessment.disagreements.length, 0);
      const top = flaky.slice(0, 3);
      const share = top.reduce((sum, test) => sum + test.assessment.disagreements.length, 0) / total;
      if (flaky.length <= 3 || total < 10 || share < 0.5) return undefined;
      return {
        severity: 'info',
        message: `Three tests cause ${percent(share, 0)} of all disagreements on the same code`,
        evidence: testEvidence(top, { share, disagreements: total }),
      };
    },
  },
];
