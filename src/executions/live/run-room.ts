import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { may, type Principal } from '../../auth/index.js';
import { DomainError, notFound, type Plain, systemScope } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import {
  RealtimeRooms,
  type RoomDefinition,
  type RoomMessage,
  type RoomPlace,
  type RoomUpdate,
} from '../../realtime/index.js';
import { CommitFollowers } from '../commit-followers.js';
import type { Commit } from '../domain/model.js';
import type { RunRecord } from '../domain/run-record.js';
import { ResultsRepository } from '../persistence/results.repository.js';
import { RunsRepository } from '../persistence/runs.repository.js';
import { RunEvents } from '../run-events.js';
import { LiveRunDto, toLiveRun } from './live-run.dto.js';

export const RUN_ROOM = 'run';

interface RunContext {
  readonly organization: string;
  readonly runId: string;
}

const message = (type: string, description: string): RoomMessage => ({ type, description, payload: LiveRunDto });
const MESSAGES = [
  message('run.started', 'The run is on, nothing has come in yet'),
  message('run.progress', 'Results have come in, or the run was described further; it is on'),
  message('run.finished', 'The run is finished; also when results came in after its end'),
  message('run.aborted', 'Nothing was heard of the run for too long, or its client said that it was cut off'),
];

const RUN_DELETED = new DomainError('not_found', 'run_deleted', 'The run was deleted');

/** A commit is visible a moment before the run's own totals are. */
const LOOKS = 50;
const LOOK_MS = 20;

/** The rooms `run:{runId}`: a run as it goes, whichever node takes it in. */
@Injectable()
export class RunRoom implements RoomDefinition<RunContext>, OnModuleInit, OnApplicationBootstrap {
  readonly kind = RUN_ROOM;
  readonly description =
    'A run as it goes. Each delta brings the whole state anew, at most four times a second; the room ends (`room:dropped`, ' +
    '`run_deleted`) with the run. Needs runs:read.';
  readonly id = { name: 'runId', description: 'Id of the run', example: '6650c0ffee6650c0ffee0001' };
  readonly state = { payload: LiveRunDto, description: 'The run as it is now' };
  readonly messages = MESSAGES;

  constructor(
    private readonly rooms: RealtimeRooms,
    private readonly runs: RunsRepository,
    private readonly results: ResultsRepository,
    private readonly followers: CommitFollowers,
    private readonly events: RunEvents,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.rooms.register(this);
  }

  /** Each node looks after the rooms of its own sockets; the node that took the batch in is first where it can be. */
  onApplicationBootstrap(): void {
    this.events.onRunCommitted((event) => void this.hurry(event));
    if (this.config.role !== 'worker') this.followers.watch('run-rooms', (commits) => this.follow(commits));
  }

  async authorise(principal: Principal, runId: string): Promise<RoomPlace<RunContext>> {
    if (!may(principal, 'runs:read'))
      throw new DomainError('forbidden', 'permission_missing', 'This needs the permission runs:read');
    const run = await this.runs.find(principal.scope, runId);
    if (!run || run.state === 'deleted') throw notFound('Run');
    return { key: runId, context: { organization: run.organization, runId } };
  }

  async snapshot({ organization, runId }: RunContext): Promise<Plain<LiveRunDto>> {
    const run = await this.runs.find(systemScope(organization), runId);
    if (!run || run.state === 'deleted') throw notFound('Run');
    return this.view(run);
  }

  async endedBecause({ organization, runId }: RunContext): Promise<DomainError | undefined> {
    const run = await this.runs.find(systemScope(organization), runId);
    return run && run.state !== 'deleted' ? undefined : RUN_DELETED;
  }

  private follow(commits: readonly Commit[]): void {
    const open = new Set(this.rooms.subscribed(RUN_ROOM).map(({ key }) => key));
    if (open.size === 0) return;
    for (const { organization, runId, generation, position } of commits)
      if (runId !== undefined && open.has(runId)) this.seeTo({ organization, runId }, position, generation);
  }

  private async hurry({ organization, runId, position }: RunContext & { position: number }): Promise<void> {
    const live = await this.rooms.live(RUN_ROOM, [runId]);
    if (live.has(runId)) this.seeTo({ organization, runId }, position);
  }

  private seeTo(context: RunContext, position: number, generation?: number): void {
    this.rooms.seeTo(RUN_ROOM, context.runId, position, () => this.updatesOf(context, generation));
  }

  private async updatesOf({ organization, runId }: RunContext, generation = 0): Promise<readonly RoomUpdate[]> {
    for (let looks = 1; ; looks++) {
      const run = await this.runs.find(systemScope(organization), runId);
      if (!run || run.state === 'deleted') {
        await this.rooms.drop(RUN_ROOM, runId, RUN_DELETED);
        return [];
      }
      // its writer was killed where it does not come: the sweep commits it again
      if (run.summarised < generation && looks < LOOKS) await sleep(LOOK_MS);
      else return [{ type: typeOf(run), data: await this.view(run), version: versionOf(run) }];
    }
  }

  private async view(run: RunRecord): Promise<Plain<LiveRunDto>> {
    return toLiveRun(run, await this.results.ofRun(run, run.newest));
  }
}

const typeOf = ({ status, totals }: RunRecord): string => {
  if (status !== 'running') return `run.${status}`;
  return totals.attempts === 0 ? 'run.started' : 'run.progress';
};

/** Between two generations a run may have its new status already and its totals not yet: older than the next one whole. */
const versionOf = ({ generation, summarised }: RunRecord): number => 2 * summarised + (generation > summarised ? 1 : 0);
