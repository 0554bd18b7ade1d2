import { rm } from 'node:fs/promises';

export default async (): Promise<void> => {
  const { testServers } = globalThis as unknown as {
    testServers?: { readonly dataDir: string; stop(): Promise<void> };
  };
  if (!testServers) return;
  await testServers.stop();
  await rm(testServers.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
};
