import { afterAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const SCRIPT = `
  const { readFileSync, existsSync } = await import('node:fs');
  const { getPriority } = await import('node:os');
  const { takeLowPriority } = await import('${import.meta.resolve('./low-priority.ts')}');
  takeLowPriority(7);
  const group = '/proc/self/autogroup';
  console.log(JSON.stringify({ own: getPriority(), session: existsSync(group) ? readFileSync(group, 'utf8') : null }));
`;
const ARGUMENTS = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', SCRIPT];

interface Priorities {
  readonly own: number;
  readonly session: string | null;
}

const ownSession = (): string | null =>
  existsSync('/proc/self/autogroup') ? readFileSync('/proc/self/autogroup', 'utf8') : null;

describe('takeLowPriority', () => {
  const before = ownSession();
  afterAll(() => expect(ownSession()).toBe(before));

  it('lowers the process, and not the session that it shares with others', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ARGUMENTS);
    const { own, session } = JSON.parse(stdout) as Priorities;
    expect(own).toBe(7);
    expect(session).toBe(before);
  });

  it('lowers a session of its own', async () => {
    const child = spawn(process.execPath, ARGUMENTS, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const { own, session } = JSON.parse(await text(child.stdout)) as Priorities;
    expect(own).toBe(7);
    if (session !== null) expect(session).toMatch(/nice 7\n?$/);
  });
});
