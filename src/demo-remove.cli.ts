import { reportAndExit } from './server/process-end.js';
import { withService } from './server/service-context.js';
import { DemoRemover } from './demo/index.js';

/** `npm run demo:remove`: also while the service runs. */
const main = async (): Promise<void> => {
  const removed = await withService((service) => service.get(DemoRemover, { strict: false }).remove());
  process.stderr.write(removed === 0 ? 'There is no demo to remove.\n' : `The demo is gone: ${removed} runs.\n`);
};

main().catch(reportAndExit);
