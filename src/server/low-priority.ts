import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Of the worker: sealing, alerts and messages come after requests, and before files. */
export const BEHIND_REQUESTS = 10;
/** Of the process that writes exports. */
export const BEHIND_EVERYTHING = 15;

/**
 * Lets every other process of the service go first where the processor is short. Linux shares it out by session first
 * (sched_autogroup), where a niceness of one's own counts for nothing, so that of the session is set besides, if it is the
 * process's own: others may live in it, the user's shell for one. Where the system has no such thing or forbids it, the
 * process stays as it is.
 * @param niceness 1..19
 */
export const takeLowPriority = (niceness: number): void => {
  attempt(() => setPriority(niceness));
  attempt(() => {
    if (leadsItsSession()) writeFileSync('/proc/self/autogroup', String(niceness));
  });
};

/** Of `pid (name) state ppid pgrp session ...`, where the name may hold anything. */
const leadsItsSession = (): boolean => {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3] === String(process.pid);
};

const attempt = (change: () => void): void => {
  try {
    change();
  } catch {
    // a file is written as well, only less politely
  }
};
