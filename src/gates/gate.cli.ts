import { Command, InvalidArgumentError, Option } from 'commander';
import { askGate, EXIT_COULD_NOT_ASK, type GateRequest } from './gate-client.js';

const LONGEST_SECONDS = 3600;

const seconds = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > LONGEST_SECONDS)
    throw new InvalidArgumentError(`whole seconds from 0 to ${LONGEST_SECONDS}`);
  return value;
};

interface Options extends GateRequest {
  readonly token?: string;
}

const command = new Command('gate')
  .description('Asks the quality gate. Exit code: 0 pass, 1 fail, 2 insufficient data, 3 could not ask')
  .option('--run <id>', 'id of the run')
  .option('--build <id>', 'id of the build (all its shards), or a commit')
  .option('--project <key>', 'which project, where several have that build')
  .option('--gate <id>', 'another gate than the one that applies')
  .option('--base-branch <branch>', "branch to compare with (default: the gate's own)")
  .addOption(new Option('--url <url>', 'address of the service').env('ERS_URL').default('http://localhost:3000'))
  .addOption(new Option('--token <token>', 'a token or an API key').env('ERS_TOKEN').makeOptionMandatory())
  .option('--wait <seconds>', 'wait so long for runs and shards that are missing', seconds, 0)
  .action(async (options: Options) => {
    const { text, code } = await askGate(options, fetch);
    (code === EXIT_COULD_NOT_ASK ? process.stderr : process.stdout).write(text);
    process.exitCode = code;
  })
  // a wrong option is no verdict either
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_COULD_NOT_ASK));

await command.parseAsync();
