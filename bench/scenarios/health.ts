import { repeat } from '../measure.js';
import { p95Target, type Scenario } from '../scenario.js';

export const health: Scenario = {
  id: 'health',
  run: async ({ client, options }) => {
    const call = async (): Promise<number> => (await client.call('/health')).ms;
    await repeat(5, call);
    const service = await repeat(options.repeats * 20, call);
    return [{ title: 'GET /health', service, targets: [p95Target(service, 5)] }];
  },
};
