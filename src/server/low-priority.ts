import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Lets every other process of the service go first where the processor is short. Linux shares it out by session first
 * (sched_autogroup), where a niceness of one's own counts for nothing, so that of the session is set besides. Where the
 * system has no such thing or forbids it, the process stays as it is.
 */
export const takeLowPriority = (): void => {
  attempt(() => setPriority(constants.priority.PRIORITY_BELOW_NORMAL));
  attempt(() => writeFileSync('/proc/self/autogroup', String(constants.priority.PRIORITY_BELOW_NORMAL)));
};

const attempt = (change: () => void): void => {
  try {
    change();
  } catch {
    // a file is written as well, only less politely
  }
};
