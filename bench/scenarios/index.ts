import type { Scenario } from '../scenario.js';
import { alerts } from './alerts.js';
import { cached } from './cached.js';
import { gate, ranking, trends } from './decisions.js';
import { dashboards } from './dashboards.js';
import { drilldown } from './drilldown.js';
import { exports } from './exports.js';
import { health } from './health.js';
import { ingest } from './ingest.js';
import { notifications } from './notifications.js';
import { realtime } from './realtime.js';
import { loaded } from './loaded.js';
import { reports } from './reports.js';
import { verify } from './verify.js';

/** In the order of the table. Ingest comes late: it writes, and drops the index of the MongoDB baseline. */
export const scenarios: readonly Scenario[] = [
  health,
  ...reports,
  cached,
  drilldown,
  trends,
  ranking,
  dashboards,
  gate,
  exports,
  notifications,
  realtime,
  alerts,
  loaded,
  ingest,
  verify,
];
