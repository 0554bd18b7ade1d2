import type { Scenario } from '../scenario.js';
import { cached } from './cached.js';
import { drilldown } from './drilldown.js';
import { health } from './health.js';
import { ingest } from './ingest.js';
import { reports } from './reports.js';

/** In the order of the table. Ingest comes last: it writes, and drops the index of the MongoDB baseline. */
export const scenarios: readonly Scenario[] = [health, ...reports, cached, drilldown, ingest];
