import { type DynamicModule, Global, Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AttemptsCache } from './attempts-cache.js';
import { BatchWriter } from './batch-writer.js';
import { BuildsService } from './builds.service.js';
import { CommitFollowers } from './commit-followers.js';
import { CommitHookRegistry } from './commit-hook.registry.js';
import { DEFAULT_OPTIONS, EXECUTIONS_OPTIONS, type ExecutionsOptions } from './executions.options.js';
import { BuildsController } from './http/builds.controller.js';
import { GzipJson } from './http/gzip-json.js';
import { ImportController } from './http/import.controller.js';
import { ResultsController } from './http/results.controller.js';
import { RunsController } from './http/runs.controller.js';
import { ImportService } from './import.service.js';
import { RunRoom } from './live/run-room.js';
import { CommitLog } from './persistence/commit-log.js';
import { COMMIT, CommitSchema } from './persistence/commit.schema.js';
import { COUNTER, CounterSchema } from './persistence/counter.schema.js';
import { FollowerPositions } from './persistence/follower-positions.js';
import { FOLLOWER, FollowerSchema } from './persistence/follower.schema.js';
import { FirstSeen } from './persistence/first-seen.js';
import { RESULT, ResultSchema } from './persistence/result.schema.js';
import { ResultsRepository } from './persistence/results.repository.js';
import { RunLeases } from './persistence/run-leases.js';
import { RUN, RunSchema } from './persistence/run.schema.js';
import { RunsRepository } from './persistence/runs.repository.js';
import { TestNumbers } from './persistence/test-numbers.js';
import { TEST, TestSchema } from './persistence/test.schema.js';
import { TestsRepository } from './persistence/tests.repository.js';
import { ResultPreparer } from './result-preparer.js';
import { RetentionService } from './retention.service.js';
import { RunEvents } from './run-events.js';
import { RunIntake } from './run-intake.js';
import { RunLock } from './run-lock.js';
import { RunRemover } from './run-remover.js';
import { RunSweeper } from './run-sweeper.js';
import { RunTimeout } from './run-timeout.js';
import { RunsService } from './runs.service.js';
import { StreamIntake } from './stream-intake.js';
import { Summariser } from './summariser.js';

const MODELS = [
  { name: RUN, schema: RunSchema },
  { name: RESULT, schema: ResultSchema },
  { name: TEST, schema: TestSchema },
  { name: COMMIT, schema: CommitSchema },
  { name: COUNTER, schema: CounterSchema },
  { name: FOLLOWER, schema: FollowerSchema },
];

const READERS = [CommitLog, RunsRepository, ResultsRepository, TestsRepository];
const PUBLIC = [
  ...READERS,
  BuildsService,
  CommitFollowers,
  CommitHookRegistry,
  RetentionService,
  RunEvents,
  RunSweeper,
  RunsService,
];

/** Runs and results come in. Global, because everything to its right reads what it stores. */
@Global()
@Module({})
export class ExecutionsModule {
  static register(options: Partial<ExecutionsOptions> = {}): DynamicModule {
    return {
      module: ExecutionsModule,
      imports: [MongooseModule.forFeature(MODELS)],
      controllers: [ImportController, RunsController, ResultsController, BuildsController],
      providers: [
        { provide: EXECUTIONS_OPTIONS, useValue: { ...DEFAULT_OPTIONS, ...options } },
        ...PUBLIC,
        AttemptsCache,
        BatchWriter,
        FirstSeen,
        FollowerPositions,
        GzipJson,
        ImportService,
        ResultPreparer,
        RunIntake,
        RunLeases,
        RunLock,
        RunRemover,
        RunRoom,
        RunTimeout,
        StreamIntake,
        Summariser,
        TestNumbers,
      ],
      exports: PUBLIC,
    };
  }
}
