import { constants, setPriority } from 'node:os';
import { platform } from 'node:process';

/**
 * Lets the thread that answers requests go first where the processor is short: called by a thread that computes. Only
 * Linux knows a priority of threads; elsewhere it would be that of the whole process.
 */
export const standBack = (): void => {
  if (platform !== 'linux') return;
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // forbidden here: the computation is as urgent as everything else
  }
};
