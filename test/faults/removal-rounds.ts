/** Kills while runs are deleted, while NDJSON streams in, and while retention removes runs. */
import { pick, post, random, sleep, start, token, verify, type Service } from './faulty-service.ts';

const RANGE = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', timeZone: 'UTC' };
const REMOVAL = ['removal-begun', 'summary-frozen', 'removal-committed', 'tests-forgotten', 'results-removed'];
const BATCH = ['generation-raised', 'results-inserted', 'summary-written', 'commit-appended'];

const rowsOf = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `test ${i}`,
    suite: `suite ${i % 5}`,
    status: i % 9 === 0 ? 'failed' : 'passed',
    startedAt: '2026-01-10T10:00:00Z',
    durationMs: i,
  }));

const executionsOf = async ({ url }: Service, bearer: string, project: string): Promise<number> => {
  const request = { type: 'summary', filter: { projects: [project], timeRange: RANGE } };
  const { status, body } = await post(url, 'reports/generate', bearer, request);
  if (status !== 200) throw new Error(`report answered ${status}: ${JSON.stringify(body)}`);
  return Number(body.totals?.executions);
};

const expectExecutions = async (service: Service, bearer: string, project: string, wanted: number): Promise<void> => {
  const found = await executionsOf(service, bearer, project);
  if (found !== wanted) throw new Error(`${project}: ${found} executions in the report instead of ${wanted}`);
};

const call = async (
  { url }: Service,
  bearer: string,
  method: string,
  path: string,
  body?: string,
  type = 'application/json',
): Promise<number | undefined> => {
  const headers = { authorization: `Bearer ${bearer}`, ...(body !== undefined && { 'content-type': type }) };
  const options = { method, headers, signal: AbortSignal.timeout(30_000), ...(body !== undefined && { body }) };
  const answer = await fetch(`${url}/${path}`, options).catch(() => undefined);
  return answer?.status;
};

const postRuns = async (
  service: Service,
  bearer: string,
  project: string,
  sizes: readonly number[],
): Promise<string[]> => {
  const ids: string[] = [];
  for (const [i, size] of sizes.entries()) {
    const run = { project, externalId: `run-${i}`, startedAt: '2026-01-10T10:00:00Z', results: rowsOf(size) };
    const { status, body } = await post(service.url, 'runs', bearer, run);
    if (status !== 201) throw new Error(`a run was answered ${status}: ${JSON.stringify(body)}`);
    ids.push(body.runId ?? '');
  }
  return ids;
};

const kill = async (service: Service): Promise<void> => {
  if (service.child.exitCode === null && service.child.signalCode === null) service.child.kill('SIGKILL');
  await service.exited;
};

const end = async (service: Service): Promise<void> => {
  verify();
  service.child.kill('SIGTERM');
  await service.exited;
};

/** What was deleted stays so, what was cut off is deleted in the end or was never begun, the others stand. */
const deletion = async (round: number): Promise<string> => {
  const point = pick(REMOVAL);
  const service = await start(`${point}=kill@${1 + Math.floor(random() * 4)}`);
  const bearer = token();
  const project = `deleted-${round}`;
  const sizes = Array.from({ length: 8 }, () => 50 + Math.floor(random() * 400));
  const ids = await postRuns(service, bearer, project, sizes);
  const answers: (number | undefined)[] = [];
  for (const id of ids.slice(0, 6)) answers.push(await call(service, bearer, 'DELETE', `runs/${id}`));
  await kill(service);
  const again = await start('');
  let left = sizes.slice(6).reduce((sum, size) => sum + size, 0);
  for (const [i, status] of answers.entries()) {
    const known = await call(again, bearer, 'GET', `runs/${ids[i]!}`);
    if (status === 204 && known !== 404) throw new Error(`a run that was deleted is there again (${known})`);
    if (known === 200) left += sizes[i]!;
  }
  await expectExecutions(again, bearer, project, left);
  for (const id of ids.slice(0, 6)) await call(again, bearer, 'DELETE', `runs/${id}`);
  await expectExecutions(again, bearer, project, sizes[6]! + sizes[7]!);
  await end(again);
  return `deletion ${point}: ${answers.filter((status) => status === 204).length} of 6 answered`;
};

/** A stream that was cut off is sent again whole, and then each row is there once. */
const ndjson = async (round: number): Promise<string> => {
  const point = pick(BATCH);
  const service = await start(`${point}=kill@${2 + Math.floor(random() * 3)}`);
  const bearer = token();
  const project = `streamed-${round}`;
  const [runId = ''] = await postRuns(service, bearer, project, [10]);
  const rows = rowsOf(12_000);
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const send = (to: Service): Promise<number | undefined> =>
    call(to, bearer, 'POST', `runs/${runId}/results`, lines, 'application/x-ndjson');
  const first = await send(service);
  await kill(service);
  const again = await start('');
  const kept = await executionsOf(again, bearer, project);
  if (first === 200 && kept !== rows.length) throw new Error(`a stream was answered 200 and ${kept} rows are there`);
  for (const time of ['second', 'third'])
    if ((await send(again)) !== 200) throw new Error(`the ${time} sending was not taken`);
  await expectExecutions(again, bearer, project, rows.length);
  await end(again);
  return `ndjson ${point}: answered ${first ?? 'nothing'}, ${kept} of ${rows.length} rows kept`;
};

const RUN_GONE = 409;

const resultsOf = async ({ url }: Service, bearer: string, runId: string): Promise<number> => {
  const headers = { authorization: `Bearer ${bearer}` };
  const answer = await fetch(`${url}/runs/${runId}/results?limit=1`, { headers });
  const { items } = (await answer.json()) as { items?: readonly unknown[] };
  return items?.length ?? 0;
};

/** Retention takes the results and keeps the figures, however often its process dies. */
const retention = async (round: number): Promise<string> => {
  const point = pick(REMOVAL.filter((name) => name !== 'tests-forgotten'));
  const first = await start('');
  const bearer = token();
  const project = `expired-${round}`;
  const sizes = Array.from({ length: 6 }, () => 50 + Math.floor(random() * 400));
  const ids = await postRuns(first, bearer, project, sizes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if ((await call(first, bearer, 'PATCH', `projects/${project}`, JSON.stringify({ retentionDays: 1 }))) !== 200)
    throw new Error('retention could not be set');
  await kill(first);
  // its worker sweeps at once, dies, is started again and dies again
  const dying = await start(`${point}=kill@${1 + Math.floor(random() * 3)}`);
  await sleep(1000 + random() * 3000);
  await kill(dying);
  const again = await start('');
  const late = JSON.stringify({ results: [{ name: 'late', status: 'passed' }] });
  const deadline = Date.now() + 60_000;
  for (const id of ids)
    while ((await resultsOf(again, bearer, id)) > 0) {
      if (Date.now() > deadline) throw new Error('retention did not come to its end within a minute');
      await sleep(500);
    }
  for (const id of ids) {
    const status = await call(again, bearer, 'POST', `runs/${id}/results`, late);
    if (status !== RUN_GONE) throw new Error(`results of an expired run were answered ${status}`);
  }
  await expectExecutions(again, bearer, project, total);
  await end(again);
  return `retention ${point}: ${ids.length} runs`;
};

export const OTHER_ROUNDS = [deletion, ndjson, retention] as const;
