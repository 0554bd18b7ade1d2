import { Command, InvalidArgumentError } from 'commander';
import { systemScope } from './common/index.js';
import { SealerService, VerifyService } from './metrics/index.js';
import { ProjectsService } from './projects/index.js';
import { reportAndExit } from './server/process-end.js';
import { withService } from './server/service-context.js';

interface Options {
  readonly org: string;
  readonly project?: string;
  readonly max: number;
  readonly seal?: boolean;
}

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
};

const verify = (options: Options): Promise<number> =>
  withService(async (service) => {
    const project = options.project;
    const projectId =
      project === undefined
        ? undefined
        : (await service.get(ProjectsService, { strict: false }).findByKey(systemScope(options.org), project)).id;
    if (options.seal === true) await service.get(SealerService, { strict: false }).sealAll();
    const report = await service
      .get(VerifyService, { strict: false })
      .verify({ projectId, maxDifferences: options.max });
    const { runs, results, days, unsealed, differences } = report;
    console.log(`${runs} runs, ${results} results and ${days} days recounted (${unsealed} days wait for the sealer)`);
    for (const { where, problem } of differences) console.log(`  ${where}: ${problem}`);
    console.log(differences.length === 0 ? 'Every rollup equals its recount.' : `${differences.length} differences.`);
    return differences.length === 0 ? 0 : 1;
  });

/** `npm run verify`: exit code 1 and the first differences when a rollup is not what its results say. */
new Command('verify')
  .description('Recounts the stored results and compares every rollup with the recount')
  .option('--org <organization>', 'organization of --project', 'demo')
  .option('--project <key>', 'one project only')
  .option('--max <n>', 'how many differences to print', count, 10)
  .option('--seal', 'seal what is not sealed first, so that it is compared too')
  .action((options: Options) => verify(options).then((code) => process.exit(code), reportAndExit))
  .parse();
