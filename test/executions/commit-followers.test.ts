import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommitFollowers, CommitLog, type Commit } from '../../src/executions/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { collection, createProject, rowsOf, STARTED } from './support.js';

let one: TestApp;
let two: TestApp;
beforeAll(async () => {
  [one, two] = [await startApp(), await startApp()];
  await createProject(one, 'shop');
});
afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
});

let posted = 0;
const post = async (api: TestApp): Promise<string> => {
  const body = { project: 'shop', externalId: `run-${posted++}`, startedAt: STARTED, results: rowsOf(1) };
  return (await api.post('/runs', body)).body.runId;
};
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 60_000;
  while (!(await holds()) && Date.now() < deadline) await sleep(25);
  expect(await holds()).toBe(true);
};
/** From here on a follower of that name, which begins after the newest commit, knows where that was. */
const begun = (name: string): Promise<void> =>
  until(async () => (await collection(one, 'CommitFollower').findOne({ _id: name as never }))?.owner !== undefined);
const followersOf = (api: TestApp): CommitFollowers => api.app.get(CommitFollowers);
const runsOf = (commits: readonly Commit[]): (string | undefined)[] => commits.map(({ runId }) => runId);

describe('CommitFollowers', () => {
  it('hands each commit to one process, in order, whichever process took it in', async () => {
    const seen: (string | undefined)[] = [];
    const handle = (commits: readonly Commit[]): void => void seen.push(...runsOf(commits));
    const followers = [one, two].map((api) => followersOf(api).follow({ name: 'shared', from: 'now', handle }));
    await begun('shared');
    const runs: string[] = [];
    for (let i = 0; i < 6; i++) runs.push(await post(i % 2 === 0 ? one : two));
    await until(() => seen.length >= runs.length);
    await sleep(300);
    expect(seen).toEqual(runs);
    await Promise.all(followers.map((follower) => follower.stop()));
  });

  it('goes on where it was, with what came while nobody followed', async () => {
    const seen: (string | undefined)[] = [];
    const options = {
      name: 'kept',
      from: 'start' as const,
      handle: (commits: readonly Commit[]): void => void seen.push(...runsOf(commits)),
    };
    const first = followersOf(one).follow(options);
    const last = await one.app.get(CommitLog).last();
    await until(() => seen.length === last);
    await first.stop();
    const missed = await post(one);
    const second = followersOf(two).follow(options);
    await until(() => seen.length === last + 1);
    expect(seen.at(-1)).toBe(missed);
    await second.stop();
  });

  it('repeats what failed, and goes no further meanwhile', async () => {
    const tried: (string | undefined)[][] = [];
    const handle = (commits: readonly Commit[]): void => {
      tried.push(runsOf(commits));
      if (tried.length === 1) throw new Error('on purpose');
    };
    const follower = followersOf(one).follow({ name: 'failing', from: 'now', handle });
    await begun('failing');
    const run = await post(one);
    await until(() => tried.length === 2);
    expect(tried).toEqual([[run], [run]]);
    await follower.stop();
  });

  it('lets every process watch for itself', async () => {
    const seen: (string | undefined)[][] = [[], []];
    const watchers = [one, two].map((api, i) =>
      followersOf(api).watch('mine', (commits) => void seen[i]!.push(...runsOf(commits))),
    );
    // where each of them begins is known by what it sees first
    const warmUp: string[] = [];
    while (!seen.every((list) => list.length > 0)) warmUp.push(await post(one));
    await until(() => seen.every((list) => list.at(-1) === warmUp.at(-1)));
    for (const list of seen) expect(list).toEqual(warmUp.slice(-list.length));
    for (const list of seen) list.length = 0;
    const run = await post(two);
    await until(() => seen.every((list) => list.length > 0));
    await sleep(300);
    expect(seen).toEqual([[run], [run]]);
    await Promise.all(watchers.map((watcher) => watcher.stop()));
  });
});
