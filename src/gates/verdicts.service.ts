import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError, notFound, readAnew, type Scope } from '../common/index.js';
import { type Run, type RunRecord, RunsRepository } from '../executions/index.js';
import { MetricsService } from '../metrics/index.js';
import { FlakinessPosteriors } from '../quality/index.js';
import { VerdictAnswers, type VerdictAnswer } from './verdict-answers.service.js';
import { type Completeness, evaluateGate, isComplete } from './domain/evaluate-gate.js';
import { type GateDefinition, needsDurations } from './domain/gate.js';
import type { GateFacts } from './domain/gate-rules.js';
import { isFailed, supersededRuns } from './domain/outcomes.js';
import { GatesService } from './gates.service.js';
import { OutcomeReader } from './outcome-reader.service.js';
import { QuarantineService } from './quarantine.service.js';
import { VerdictsRepository, type StoredVerdict } from './persistence/verdicts.repository.js';

export interface GateQuestion {
  readonly gateId?: string;
  readonly baseBranch?: string;
  /** Which project of a build that several have. */
  readonly project?: string;
  /** How long results that are still missing are awaited. */
  readonly waitSeconds?: number;
}

interface Subject {
  /** `run:<id>` or `build:<id>`. */
  readonly name: string;
  readonly runs: readonly RunRecord[];
  readonly completeness: Completeness;
}

interface Asked {
  readonly scope: Scope;
  readonly subject: Subject;
  readonly project: { readonly id: string; readonly key: string };
  readonly gate: GateDefinition;
  readonly key: string;
  readonly runsKey: string;
  readonly dataKey: string;
  readonly asOf: number;
  readonly quarantined: ReadonlySet<number>;
}

const POLL_MS = 400;
const ATTEMPTS_TO_STORE = 5;

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url');

/** May it be merged? Verdicts are stored under a version: asked again at the same data, the answer is the same. */
@Injectable()
export class VerdictsService {
  private readonly posteriors = new FlakinessPosteriors();

  constructor(
    private readonly runs: RunsRepository,
    private readonly metrics: MetricsService,
    private readonly gates: GatesService,
    private readonly quarantine: QuarantineService,
    private readonly outcomes: OutcomeReader,
    private readonly verdicts: VerdictsRepository,
    private readonly answers: VerdictAnswers,
    private readonly clock: Clock,
  ) {}

  ofRun(scope: Scope, runId: string, question: GateQuestion): Promise<VerdictAnswer> {
    const read = async (): Promise<Subject> => {
      const run = await this.runs.find(scope, runId);
      if (!run || run.state === 'deleted') throw notFound('Run');
      // one run of a build answers for itself: the other shards are asked of the build
      return {
        name: `run:${runId}`,
        runs: [run],
        completeness: { ...completenessOf([run]), shardsExpected: undefined },
      };
    };
    return this.judge(scope, read, question);
  }

  ofBuild(scope: Scope, buildId: string, question: GateQuestion): Promise<VerdictAnswer> {
    const read = async (): Promise<Subject> => {
      const found = await this.runs.ofBuild(scope, buildId);
      const runs = found.filter(({ projectKey }) => question.project === undefined || projectKey === question.project);
      if (runs.length === 0) throw notFound('Build');
      assertOneProject(runs);
      return { name: `build:${buildId}`, runs, completeness: completenessOf(runs) };
    };
    return this.judge(scope, read, question);
  }

  private async judge(scope: Scope, read: () => Promise<Subject>, question: GateQuestion): Promise<VerdictAnswer> {
    const subject = await this.awaited(read, question.waitSeconds ?? 0);
    readAnew(); // the runs may be younger than this request
    const asked = await this.ask(scope, subject, question);
    const known = await this.verdicts.newest(scope, asked.project.key, asked.key);
    if (known?.dataKey === asked.dataKey) return parse(known);
    const { content, verdict } = await this.evaluate(asked);
    return this.store(asked, content, verdict, known);
  }

  /** Waits for shards and runs that are still going on, as long as it is told to. */
  private async awaited(read: () => Promise<Subject>, waitSeconds: number): Promise<Subject> {
    const until = performance.now() + waitSeconds * 1000;
    for (;;) {
      const subject = await read();
      const left = until - performance.now();
      if (isComplete(subject.completeness) || left <= 0) return subject;
      await sleep(Math.min(POLL_MS, left));
    }
  }

  private async ask(scope: Scope, subject: Subject, question: GateQuestion): Promise<Asked> {
    const { projectId, projectKey } = subject.runs[0]!;
    const [gate, quarantined, version] = await Promise.all([
      this.gates.forProject(scope, projectKey, question.gateId),
      this.quarantine.activeNumbers(scope, projectId),
      this.metrics.version(scope, { projects: [projectKey] }),
    ]);
    const baseBranch = question.baseBranch ?? gate.baseBranch;
    const { completeness } = subject;
    const runsKey = hash([
      subject.runs.map(({ runId, generation, status, state }) => [runId, generation, status, state]),
    ]);
    return {
      scope,
      subject,
      project: { id: projectId, key: projectKey },
      gate: { ...gate, baseBranch },
      // another gate, another base branch or another build of shards is another question
      key: JSON.stringify([subject.name, gate.gateId, baseBranch]),
      runsKey,
      dataKey: hash([
        runsKey,
        completeness,
        gate,
        baseBranch,
        version.position,
        [...quarantined].sort((a, b) => a - b),
      ]),
      asOf: version.position,
      quarantined,
    };
  }

  private async evaluate(
    asked: Asked,
  ): Promise<{ content: Omit<VerdictAnswer, 'version' | 'asOf' | 'evaluatedAt'>; verdict: string }> {
    const { scope, subject, project, gate } = asked;
    const definitions = await this.outcomes.definitionsOf(scope, [project.id]);
    const outcomes = await this.outcomes.ofRuns(scope, subject.runs, definitions);
    const failing = new Set(outcomes.filter(isFailed).map(({ test }) => test));
    const here = new Set(outcomes.map(({ test }) => test));
    // a run of the base branch that began in the same millisecond counts: files often carry whole seconds
    const before = new Date(Math.min(...subject.runs.map(({ startedAt }) => startedAt.getTime())) + 1);
    const request = {
      project: project.key,
      branch: gate.baseBranch,
      before,
      left: subject.runs.map(({ runId }) => runId),
    };
    const times = needsDurations(gate);
    const wanted = (test: number): boolean => failing.has(test);
    const timed = (test: number): boolean => times && here.has(test);
    const base = await this.outcomes.base(scope, { ...request, wanted, timed }, definitions);
    const now = this.clock.now().getTime();
    const facts: GateFacts = {
      outcomes,
      base,
      pastOf: (test) => base.pastOf(test, gate.window, this.posteriors, now),
      quarantined: new Set([...asked.quarantined].map((number) => definitions.canonical(project.id, number))),
      gate,
    };
    const { verdict, reasons } = evaluateGate(facts, gate, subject.completeness);
    const content = await this.answers.contentOf({ ...subject, project, gate, verdict, reasons });
    return { content, verdict };
  }

  /** A new version when results came in or the finding changed; else the one before stands for the newer data too. */
  private async store(
    asked: Asked,
    content: Omit<VerdictAnswer, 'version' | 'asOf' | 'evaluatedAt'>,
    verdict: string,
    newest: StoredVerdict | undefined,
  ): Promise<VerdictAnswer> {
    const { scope, project, key: subject, runsKey, dataKey, asOf } = asked;
    const contentHash = hash(content);
    let known = newest;
    for (let attempt = 1; attempt <= ATTEMPTS_TO_STORE; attempt++) {
      const at = this.clock.now();
      const same = known?.runsKey === runsKey && known.contentHash === contentHash;
      const version = same && known ? known.version : (known?.version ?? 0) + 1;
      const answer: VerdictAnswer = { ...content, version, asOf, evaluatedAt: at.toISOString() };
      const stored = { subject, version, runsKey, dataKey, contentHash, verdict, answer: JSON.stringify(answer), at };
      if (same) {
        await this.verdicts.confirm(scope, project.key, stored);
        return answer;
      }
      if (await this.verdicts.insert(scope, project.key, stored)) return answer;
      known = await this.verdicts.newest(scope, project.key, subject);
    }
    throw new DomainError('unavailable', 'gate_busy', 'The gate is being evaluated by others', {
      retryAfterSeconds: 1,
    });
  }
}

const parse = ({ answer }: StoredVerdict): VerdictAnswer => JSON.parse(answer) as VerdictAnswer;

/** What a rerun stands in for is neither awaited nor missing. */
const completenessOf = (runs: readonly RunRecord[]): Completeness => {
  const superseded = supersededRuns(runs);
  const current = runs.filter(({ runId }) => !superseded.has(runId));
  const expected = runs.map(({ build }) => build?.shards).filter((shards) => shards !== undefined);
  return {
    shardsSeen: [...new Set(runs.flatMap(({ shardsSeen }) => shardsSeen))].sort((a, b) => a - b),
    ...(expected.length > 0 && { shardsExpected: Math.max(...expected) }),
    running: idsOf(current, (run) => run.status === 'running' || isBeingStored(run)),
    aborted: idsOf(current, ({ status }) => status === 'aborted'),
  };
};

/** It is there, and results of it are not yet: what would be judged is not what it says. */
const isBeingStored = ({ summarised, generation }: Run): boolean => summarised < generation;

const idsOf = (runs: readonly Run[], wanted: (run: Run) => boolean): string[] =>
  runs.filter(wanted).map(({ runId }) => runId);

const assertOneProject = (runs: readonly Run[]): void => {
  const projects = [...new Set(runs.map(({ projectKey }) => projectKey))].sort();
  if (projects.length === 1) return;
  throw new DomainError('invalid', 'ambiguous_build', 'Several projects have a build of that id: say which', {
    errors: [{ pointer: '/project', detail: `must be one of ${projects.join(', ')}` }],
  });
};
