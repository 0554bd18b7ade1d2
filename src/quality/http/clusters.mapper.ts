import type { Plain } from '../../common/index.js';
import type { ClusterEntry } from '../clusters.service.js';
import type { ClusterPageDto } from './clusters.dto.js';

export const toCluster = ({ cluster, ...entry }: ClusterEntry): Plain<ClusterPageDto>['items'][number] => ({
  fingerprint: cluster.fingerprint,
  project: entry.projectKey,
  state: entry.state,
  failures: cluster.failures,
  testCount: cluster.tests.size,
  tests: entry.tests.map(({ testId, name, suite }) => ({ testId, name, suite: suite === '' ? null : suite })),
  suites: [...cluster.suites].filter((suite) => suite !== '').sort(),
  branches: [...cluster.branches].filter((branch) => branch !== '').sort(),
  runs: entry.runIds,
  firstAt: new Date(cluster.firstAt),
  lastAt: new Date(cluster.lastAt),
  example: entry.example
    ? {
        resultId: entry.example.resultId,
        type: entry.example.error?.type ?? null,
        message: entry.example.error?.message ?? null,
      }
    : null,
});
