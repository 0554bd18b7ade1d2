import { spawn } from 'node:child_process';

export interface CommandResult {
  /** null when it could not be started or ran into the time limit. */
  readonly exitCode: number | null;
  /** stdout and stderr as they came. */
  readonly output: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly onOutput?: (chunk: string) => void;
}

/** Runs a command to its end; never rejects. */
export const runCommand = (
  file: string,
  args: readonly string[],
  { timeoutMs, env, onOutput }: CommandOptions,
): Promise<CommandResult> =>
  new Promise((resolve) => {
    let output = '';
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    // not spawn's own `timeout`: its timer outlives a command that is not there
    const limit = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const finish = (result: CommandResult): void => {
      clearTimeout(limit);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      const text = chunk.toString('utf8');
      output += text;
      onOutput?.(text);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', (error) => finish({ exitCode: null, output: error.message }));
    child.once('close', (exitCode) => finish({ exitCode, output }));
  });

/** The version that `--version` names, when the binary runs at all. */
export const versionOf = async (binary: string, pattern: RegExp): Promise<{ version?: string; output: string }> => {
  const { exitCode, output } = await runCommand(binary, ['--version'], { timeoutMs: 20_000 });
  const version = exitCode === 0 ? pattern.exec(output)?.[1] : undefined;
  return { version, output };
};

export const majorOf = (version: string): number => Number(version.split('.')[0]);
