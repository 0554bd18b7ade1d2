import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ExecutionsModule } from '../executions/index.js';
import { MetricsModule } from '../metrics/index.js';
import { QualityModule } from '../quality/index.js';
import { CompareService } from './compare.service.js';
import { ComparedTests } from './compared-tests.js';
import { GatesService } from './gates.service.js';
import { CompareController } from './http/compare.controller.js';
import { GatesController } from './http/gates.controller.js';
import { QuarantineController } from './http/quarantine.controller.js';
import { VerdictController } from './http/verdict.controller.js';
import { OutcomeReader } from './outcome-reader.service.js';
import {
  GATE,
  GateSchema,
  PolicySchema,
  QUARANTINE,
  QUARANTINE_POLICY,
  QuarantineSchema,
  VERDICT,
  VerdictSchema,
} from './persistence/gate.schemas.js';
import { GatesRepository } from './persistence/gates.repository.js';
import { QuarantinePoliciesRepository } from './persistence/quarantine-policies.repository.js';
import { QuarantinesRepository } from './persistence/quarantines.repository.js';
import { VerdictsRepository } from './persistence/verdicts.repository.js';
import { QuarantinePolicyService } from './quarantine-policy.service.js';
import { QuarantineSweeper } from './quarantine-sweeper.js';
import { QuarantineService } from './quarantine.service.js';
import { TestNames } from './test-names.service.js';
import { VerdictAnswers } from './verdict-answers.service.js';
import { VerdictsService } from './verdicts.service.js';

/** Decisions for CI: comparisons of runs, quality gates, quarantine. */
@Module({
  imports: [
    ExecutionsModule,
    MetricsModule,
    QualityModule,
    MongooseModule.forFeature([
      { name: GATE, schema: GateSchema },
      { name: VERDICT, schema: VerdictSchema },
      { name: QUARANTINE, schema: QuarantineSchema },
      { name: QUARANTINE_POLICY, schema: PolicySchema },
    ]),
  ],
  controllers: [CompareController, VerdictController, GatesController, QuarantineController],
  providers: [
    CompareService,
    ComparedTests,
    GatesRepository,
    GatesService,
    OutcomeReader,
    QuarantinePoliciesRepository,
    QuarantinePolicyService,
    QuarantineService,
    QuarantineSweeper,
    QuarantinesRepository,
    TestNames,
    VerdictAnswers,
    VerdictsRepository,
    VerdictsService,
  ],
  exports: [CompareService, GatesService, QuarantinePolicyService, QuarantineService, VerdictsService],
})
export class GatesModule {}
