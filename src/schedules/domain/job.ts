import type { Permission, Principal } from '../../auth/index.js';
import type { StoredBytes } from '../../common/index.js';

/** What survives JSON: options are stored so, and come back so. */
export type JobOptions = Readonly<Record<string, unknown>>;

/** A file that a job made. Its bytes stay with the job, which opens it under `ref` as often as it is asked to. */
export interface JobFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  /** What the job finds it by; opaque to schedules, at most 500 characters. */
  readonly ref: string;
}

/** How a file is asked for: by somebody who may see the schedule, or by a link that was sent, which may be revoked. */
export type FileAccess = 'history' | 'link';

export interface JobLink {
  readonly title: string;
  /** Absolute, or a path of this server such as `/api/v1/execution-reporting/reports/65f0`. */
  readonly href: string;
}

/** A figure as people read it, already in words: `{ label: 'Pass rate', value: '97.4 %', change: '-1.2 %' }`. */
export interface JobFigure {
  readonly label: string;
  readonly value: string;
  readonly change?: string;
}

/** What a run brought, and what its message says. Plain text, never markup. */
export interface JobOutcome {
  /** One or two sentences, at most 500 characters. */
  readonly summary: string;
  readonly figures?: readonly JobFigure[];
  readonly links?: readonly JobLink[];
  readonly files?: readonly JobFile[];
}

export interface JobContext {
  /** Who the job acts for, with the rights that are left of those it was stored with. */
  readonly principal: Principal;
  /** As `validate` returned them. */
  readonly options: JobOptions;
  readonly schedule: { readonly scheduleId: string; readonly name: string };
  /**
   * The same on each try of one occurrence and never again: an idempotency key. A process may be killed after the job
   * did its work, and the occurrence is then tried again.
   */
  readonly occurrenceId: string;
  /** The instant that was planned: relative ranges such as "the last 7 days" count from here, however late it runs. */
  readonly plannedAt: Date;
  /** IANA zone of the schedule. */
  readonly timeZone: string;
  /** Aborts when the process stops, the lease is lost or the run takes too long: stop soon and throw. */
  readonly signal: AbortSignal;
}

/** Something that can be done again and again, registered by the feature that knows how. */
export interface ScheduledJob {
  /** For people: `A report`. */
  readonly title: string;
  /** What its options are, one sentence, for the list of kinds. */
  readonly description: string;
  /** Options that work, as an example. */
  readonly example: JobOptions;
  /** Asked for again before each run. */
  readonly permission: Permission;
  /**
   * The options in the form that is stored (JSON), checked under the rights of who saves them.
   * @throws DomainError 422 with pointers that begin at the options (`/format`), 404 for what the caller may not see
   */
  validate(principal: Principal, options: JobOptions): Promise<JobOptions> | JobOptions;
  /** What a run would bring, without lasting effects such as files; absent: the message cannot be shown beforehand. */
  preview?(context: JobContext): Promise<JobOutcome>;
  /**
   * Does the work; it may take long. At least once for each occurrence, with the same `occurrenceId`.
   * @throws DomainError for a failure that people are told (its message), `unavailable` to be tried again
   */
  run(context: JobContext): Promise<JobOutcome>;
  /**
   * A file that `run` named. Needed where it names any.
   * @param principal who asks for it; the owner of the schedule where it goes out with a message
   * @throws DomainError 404 where it is no more, or its links were revoked and it is asked for by one
   */
  open?(principal: Principal, ref: string, access: FileAccess): Promise<StoredBytes>;
}
