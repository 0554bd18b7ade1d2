export { type CompareAnswer, type CompareQuestion, CompareService } from './compare.service.js';
export { GatesModule } from './gates.module.js';
export { GatesService } from './gates.service.js';
export { QuarantinePolicyService } from './quarantine-policy.service.js';
export { QuarantineService } from './quarantine.service.js';
export type { VerdictAnswer } from './verdict-answers.service.js';
export { type GateQuestion, VerdictsService } from './verdicts.service.js';
