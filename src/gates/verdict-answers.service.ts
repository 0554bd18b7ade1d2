import { Injectable } from '@nestjs/common';
import type { StoredTest } from '../executions/index.js';
import type { Completeness, GateReason, GateVerdict } from './domain/evaluate-gate.js';
import { GATE_RULES, type GateDefinition } from './domain/gate.js';
import type { TestEvidence } from './domain/gate-rules.js';
import { statusOf } from './domain/outcomes.js';
import { API_ROOT, resultHref, resultIdOfOutcome, runHref, TestNames } from './test-names.service.js';

/** Tests that a reason shows; how many there are stands beside. */
const MOST_SHOWN = 20;

export interface EvidenceAnswer {
  readonly testId: string;
  readonly name: string;
  readonly suite: string;
  readonly status: string | null;
  readonly note: string;
  readonly runId: string | null;
  /** The result. */
  readonly href: string | null;
  /** Runs on the base branch. */
  readonly baseRuns: readonly string[];
}

export interface ReasonAnswer {
  readonly rule: string;
  readonly severity: 'fail' | 'warn';
  readonly verdict: GateVerdict;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly bound: 'min' | 'max' | null;
  readonly unit: string | null;
  readonly n: number;
  readonly numerator: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly message: string;
  readonly evidenceTotal: number;
  readonly evidence: readonly EvidenceAnswer[];
}

/** The answer to "may I merge?". */
export interface VerdictAnswer {
  readonly verdict: GateVerdict;
  readonly version: number;
  readonly subject: string;
  readonly project: string;
  readonly gate: {
    readonly gateId: string;
    readonly version: number;
    readonly name: string;
    readonly baseBranch: string;
  };
  readonly reasons: readonly ReasonAnswer[];
  readonly asOf: number;
  readonly evaluatedAt: string;
  readonly runIds: readonly string[];
  readonly shards: { readonly seen: readonly number[]; readonly expected: number | null };
  readonly links: { readonly runs: readonly string[]; readonly compare: string | null };
}

interface Judged {
  readonly name: string;
  readonly project: { readonly id: string; readonly key: string };
  readonly gate: GateDefinition;
  readonly runs: readonly { readonly runId: string }[];
  readonly completeness: Completeness;
  readonly verdict: GateVerdict;
  readonly reasons: readonly GateReason[];
}

/** Puts a finding into words, with the names of the tests that it shows. */
@Injectable()
export class VerdictAnswers {
  constructor(private readonly names: TestNames) {}

  async contentOf(judged: Judged): Promise<Omit<VerdictAnswer, 'version' | 'asOf' | 'evaluatedAt'>> {
    const { project, gate, completeness, verdict } = judged;
    const shown = judged.reasons.flatMap(({ evidence }) => evidence.slice(0, MOST_SHOWN));
    const numbers = shown.flatMap(({ test, outcome }) => [test, ...(outcome ? [outcome.number] : [])]);
    const names = await this.names.byNumber(project.id, numbers);
    const runIds = judged.runs.map(({ runId }) => runId);
    const baseRun = judged.reasons.flatMap(({ evidence }) => evidence).find(({ runIds: ids }) => ids.length > 0)
      ?.runIds[0];
    const [head] = runIds;
    return {
      verdict,
      subject: judged.name,
      project: project.key,
      gate: { gateId: gate.gateId, version: gate.version, name: gate.name, baseBranch: gate.baseBranch },
      reasons: judged.reasons.map((reason) => reasonOf(reason, names)),
      runIds,
      shards: { seen: completeness.shardsSeen, expected: completeness.shardsExpected ?? null },
      links: {
        runs: runIds.map(runHref),
        compare:
          baseRun === undefined || head === undefined ? null : `${API_ROOT}/runs/compare?base=${baseRun}&head=${head}`,
      },
    };
  }
}

const reasonOf = (reason: GateReason, names: ReadonlyMap<number, StoredTest>): ReasonAnswer => {
  const { rule, severity, verdict, value, threshold, n, numerator, interval, message, evidence } = reason;
  const { bound, unit } = rule === 'completeness' ? { bound: 'min' as const, unit: 'shards' } : GATE_RULES[rule];
  return {
    ...{ rule, severity, verdict, value, threshold, bound, unit, n },
    numerator: numerator ?? null,
    interval: interval ?? null,
    message,
    evidenceTotal: evidence.length,
    evidence: evidence.slice(0, MOST_SHOWN).map((one) => evidenceOf(one, names)),
  };
};

const evidenceOf = (
  { test, outcome, note, runIds }: TestEvidence,
  names: ReadonlyMap<number, StoredTest>,
): EvidenceAnswer => {
  const named = names.get(outcome?.number ?? test);
  return {
    testId: (names.get(test) ?? named)?.testId ?? '',
    name: named?.name ?? '',
    suite: named?.suite ?? '',
    status: outcome ? statusOf(outcome) : null,
    note,
    runId: outcome?.runId ?? null,
    href: outcome && named ? resultHref(resultIdOfOutcome(outcome, named.testId)) : null,
    baseRuns: runIds,
  };
};
