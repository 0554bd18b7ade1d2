import { Clock } from '../../src/common/index.js';
import type { TestApp } from './app.js';

const DAY_MS = 86_400_000;
/** Of 1970-01-07, which was a Wednesday. */
const WEDNESDAY_MS = 6 * DAY_MS + 12.5 * 3_600_000;
/** Far from the ends of days, hours and quarter hours, at which windows, buckets and schedules move on. */
const TIME_OF_DAY = 10 * 3_600_000 + 2 * 60_000;

/**
 * Half past noon (UTC) of the last Wednesday but for today: what a test finds by it depends on neither the day nor the hour
 * that it runs at, no hour and no day ends meanwhile, and mongod, which goes by its own clock, expires nothing of it.
 */
export const lastWednesday = (): Date => {
  const weeks = Math.floor((Date.now() - DAY_MS - WEDNESDAY_MS) / (7 * DAY_MS));
  return new Date(WEDNESDAY_MS + weeks * 7 * DAY_MS);
};

/**
 * Epoch ms of the last time that it was two minutes past ten, UTC. A clock that begins there passes no end of a day or
 * quarter hour during a test, whatever the time is; results are taken up to a day ahead of the real time.
 */
export const quietTime = (): number => Math.floor((Date.now() - TIME_OF_DAY) / DAY_MS) * DAY_MS + TIME_OF_DAY;

/** Sets the clock of an application, which goes on from there. */
export const setClock = (api: TestApp, to: Date): void => {
  const startedAt = performance.now();
  api.app.get(Clock).now = () => new Date(to.getTime() + performance.now() - startedAt);
};

/** Stops the clock of an application at what it says. @returns what lets it go on from there */
export const stopClock = (api: TestApp): (() => void) => {
  const now = api.app.get(Clock).now();
  api.app.get(Clock).now = () => now;
  return () => setClock(api, now);
};
