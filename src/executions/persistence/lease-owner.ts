import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Tells a lease whose holder was killed from one that is only slow, so that a restart need not wait until it expires.
 * Only what is certain counts: the same machine and process namespace, and a process id that is gone.
 */
const processNamespace = (): string => {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
};

const PLACE = `${hostname()}/${processNamespace()}`;
const NONCE = randomUUID();

export const LEASE_OWNER = `${PLACE} ${process.pid} ${NONCE}`;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Whether the holder is certainly gone. `false` for a holder on another machine: its lease has to expire. */
export const isOwnerGone = (owner: string): boolean => {
  const [place, pid, nonce] = owner.split(' ');
  if (place !== PLACE) return false;
  return Number(pid) === process.pid ? nonce !== NONCE : !isAlive(Number(pid));
};
