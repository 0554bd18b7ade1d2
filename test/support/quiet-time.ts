const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Far from the ends of days, hours and quarter hours, at which windows, buckets and schedules move on. */
const TIME_OF_DAY = 10 * HOUR + 2 * 60_000;

/**
 * Epoch ms of the last time that it was two minutes past ten, UTC. A clock that begins there passes no end of a day or
 * quarter hour during a test, whatever the time is; results are taken up to a day ahead of the real time.
 */
export const quietTime = (): number => Math.floor((Date.now() - TIME_OF_DAY) / DAY) * DAY + TIME_OF_DAY;
