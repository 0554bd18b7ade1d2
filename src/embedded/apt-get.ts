import { runCommand } from './run-command.js';

type Log = (line: string) => void;

/** The words before `apt-get` that make it work here: none as root, `sudo -n` without a password, undefined when neither. */
const prefix = async (): Promise<readonly string[] | undefined> => {
  const found = await runCommand('apt-get', ['--version'], { timeoutMs: 10_000 });
  if (found.exitCode !== 0) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = await runCommand('sudo', ['-n', 'true'], { timeoutMs: 10_000 });
  return sudo.exitCode === 0 ? ['sudo', '-n'] : undefined;
};

let before: Promise<unknown> = Promise.resolve();

/**
 * Installs a Debian package, refreshing the package lists only when the first try fails. One at a time: a refresh gives up
 * at once where another one is under way.
 * @returns what went wrong, or undefined when the package is there; `no right to install` when apt-get is not for us.
 */
export const aptInstall = (packageName: string, log: Log): Promise<string | undefined> => {
  const installed = before.then(() => install(packageName, log));
  before = installed.catch(() => undefined);
  return installed;
};

const install = async (packageName: string, log: Log): Promise<string | undefined> => {
  const words = await prefix();
  if (words === undefined) return 'no apt-get, or neither root nor password-less sudo';
  const apt = (...args: string[]): ReturnType<typeof runCommand> => {
    const [file, ...rest] = [...words, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
    return runCommand(file ?? 'env', rest, { timeoutMs: 300_000 });
  };
  const tryIt = (): ReturnType<typeof runCommand> =>
    apt('-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', packageName);
  log(`installing the Debian package ${packageName} (apt-get install ${packageName}) ...`);
  if ((await tryIt()).exitCode === 0) return undefined;
  log('refreshing the package lists (apt-get update) ...');
  await apt('update');
  const second = await tryIt();
  return second.exitCode === 0 ? undefined : second.output.trim().split('\n').slice(-3).join('\n');
};
