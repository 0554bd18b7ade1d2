import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { Clock, DomainError, type FieldProblem } from '../common/index.js';
import { type Project, ProjectsService } from '../projects/index.js';
import { EARLIEST, AHEAD_MS } from './domain/limits.js';
import type { Rejection } from './domain/batch-outcome.js';
import type { RunInput } from './domain/model.js';
import { newRunOf } from './domain/new-run.js';
import { filesHash, runKeyOf, type RunKeySource } from './domain/run-key.js';
import { invalidFile } from './formats/file-errors.js';
import type { FormatId, ParsedFile, ReadOptions } from './formats/format-reader.js';
import { readSource } from './formats/read-file.js';
import { SourceFile } from './formats/source-file.js';
import { ImportForm } from './import-form.js';
import { type IntakeOutcome, RunIntake } from './run-intake.js';
import { mergeRuns, type RunToImport } from './runs-of-files.js';
import { Turns } from './turns.js';

/** Forms that are too large to be read beside any number of others, over all organizations; of each of them one. */
const LARGE_FORMS_AT_ONCE = 2;
const PATIENCE_MS = 30_000;

export interface UploadedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Hex. */
  readonly sha256: string;
}

/** A file that was read, or why it could not be; its bytes are gone. */
export interface ReadFile {
  readonly name: string;
  readonly sha256: string;
  readonly parsed: readonly ParsedFile[];
  readonly problem?: DomainError;
}

export interface ImportRequest {
  readonly project: string;
  readonly files: readonly ReadFile[];
  readonly metadata: Omit<RunInput, 'project'>;
  readonly idempotencyKey: string | undefined;
}

export interface ImportedFile {
  readonly file: string;
  readonly format?: FormatId;
  readonly results: number;
  readonly runIds: readonly string[];
  readonly warnings: readonly string[];
  readonly problem?: DomainError;
}

export interface ImportOutcome {
  readonly runs: readonly IntakeOutcome[];
  readonly rejected: readonly Rejection[];
  readonly files: readonly ImportedFile[];
}

/** Takes report files in. Each is read whole before anything is stored, so a file is stored whole or not at all. */
@Injectable()
export class ImportService {
  private readonly turns = new Turns(LARGE_FORMS_AT_ONCE, PATIENCE_MS);

  constructor(
    private readonly projects: ProjectsService,
    private readonly intake: RunIntake,
    private readonly clock: Clock,
  ) {}

  /** Does all the work on one form; a large one waits for its turn, and keeps it until it is stored. */
  async withForm<T>({ scope }: Principal, work: (form: ImportForm) => Promise<T>): Promise<T> {
    const form = new ImportForm(() => this.turns.take(scope.organization));
    try {
      return await work(form);
    } finally {
      form.end();
    }
  }

  /**
   * Never throws what is the file's own fault: that is its `problem`.
   * @throws DomainError 413 `form_too_large`, 503 `import_busy`
   */
  async read(
    { name, sha256, bytes }: UploadedFile,
    format: FormatId | 'auto',
    options: ReadOptions,
    form: ImportForm,
  ): Promise<ReadFile> {
    try {
      const now = this.clock.now().getTime();
      const source = await SourceFile.open(name, bytes, (count) => form.addUnpacked(count));
      const parsed = await readSource(source, format, { ...options, now });
      assertTimes(name, parsed, now);
      form.addResults(resultsOf(parsed));
      return { name, sha256, parsed };
    } catch (error) {
      return { name, sha256, parsed: [], problem: ownProblem(error) };
    }
  }

  /**
   * Stores what was read: the files that are one run each join one run, and those that hold several keep theirs.
   * @throws DomainError when no file is good: the problem of the only file, else 422 `invalid_files`
   */
  async store(principal: Principal, { files, ...request }: ImportRequest): Promise<ImportOutcome> {
    const project = await this.projects.requireForIngest(principal, request.project);
    const refused = files.flatMap(({ problem }, index) => (problem ? [{ index, problem }] : []));
    if (refused.length === files.length) throw allRefused(refused);
    const problems = new Map(refused.map(({ index, problem }) => [index, problem]));
    const stored: { run: RunToImport; outcome: IntakeOutcome }[] = [];
    for (const run of mergeRuns(files, request.metadata)) {
      const key = keyOf(run, request, files);
      const outcome = await this.storeRun(project, run, key).catch((error: unknown) => ownProblem(error));
      if (!(outcome instanceof DomainError)) stored.push({ run, outcome });
      else for (const index of run.files) problems.set(index, outcome);
    }
    if (stored.length === 0) throw allRefused([...problems].map(([index, problem]) => ({ index, problem })));
    return toOutcome(files, stored, problems);
  }

  private storeRun(project: Project, run: RunToImport, key: RunKeySource): Promise<IntakeOutcome> {
    const startedAt = run.metadata.startedAt === undefined ? this.clock.now() : new Date(run.metadata.startedAt);
    const newRun = newRunOf(project, run.metadata, runKeyOf(key), { status: 'finished', startedAt });
    return this.intake.take(newRun, run.groups);
  }
}

/** The client's id, else what it calls the request, else the content of the good files. */
const keyOf = (
  { metadata, files: indexes, isPartOfFile }: RunToImport,
  { idempotencyKey }: Omit<ImportRequest, 'files'>,
  files: readonly ReadFile[],
): RunKeySource => {
  const { externalId } = metadata;
  if (externalId !== undefined) return { externalId };
  if (idempotencyKey !== undefined && !isPartOfFile) return { idempotencyKey };
  return { sha256: filesHash(indexes.map((index) => files[index]!.sha256)) };
};

/** What a client can put right in the file itself; anything else ends the request. */
const ownProblem = (error: unknown): DomainError => {
  if (error instanceof DomainError && error.kind !== 'unavailable' && error.code !== 'form_too_large') return error;
  throw error;
};

const assertTimes = (name: string, parsed: readonly ParsedFile[], now: number): void => {
  const isRight = (time: string | undefined): boolean =>
    time === undefined || (Date.parse(time) >= EARLIEST && Date.parse(time) <= now + AHEAD_MS);
  for (const { run, results } of parsed) {
    if (![run.startedAt, run.finishedAt, run.commitTime].every(isRight)) throw badTime(name, '');
    const wrong = results.findIndex(({ startedAt }) => !isRight(startedAt));
    if (wrong >= 0) throw badTime(name, ` of "${results[wrong]!.name.slice(0, 100)}"`);
  }
};

const badTime = (name: string, whose: string): DomainError =>
  invalidFile(name, `the time${whose} is not between 2000-01-01 and 24 hours ahead`);

const allRefused = (refused: readonly { index: number; problem: DomainError }[]): DomainError => {
  const [first] = refused;
  if (refused.length === 1 && first) return first.problem;
  const errors = refused.flatMap(({ index, problem }): FieldProblem[] =>
    problem.errors.length > 0
      ? problem.errors.map((error) => ({ ...error, pointer: `/files/${index}${error.pointer}` }))
      : [{ pointer: `/files/${index}`, detail: problem.message, code: problem.code }],
  );
  return new DomainError('invalid', 'invalid_files', 'None of the files could be stored', {
    errors: errors.slice(0, 100),
  });
};

const resultsOf = (parsed: readonly ParsedFile[]): number =>
  parsed.reduce((sum, { results }) => sum + results.length, 0);

const toOutcome = (
  files: readonly ReadFile[],
  stored: readonly { run: RunToImport; outcome: IntakeOutcome }[],
  problems: ReadonlyMap<number, DomainError>,
): ImportOutcome => ({
  runs: stored.map(({ outcome }) => outcome),
  rejected: stored.flatMap(({ run, outcome }) => outcome.rejected.map((rejection) => run.place(rejection))),
  files: files.map(({ name, parsed }, index) => ({
    file: name,
    format: parsed[0]?.format,
    results: resultsOf(parsed),
    runIds: stored.filter(({ run }) => run.files.includes(index)).map(({ outcome }) => outcome.run.runId),
    warnings: parsed.flatMap(({ warnings }) => warnings).slice(0, 20),
    problem: problems.get(index),
  })),
});
