import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mongoose';

const PATIENCE_MS = 20 * 60_000;

/** Waits until the worker has sealed every day that the load touched: what is measured is the state of a normal morning. */
export const untilSealed = async (mongodbUri: string): Promise<void> => {
  const connection = await createConnection(mongodbUri).asPromise();
  const deadline = Date.now() + PATIENCE_MS;
  try {
    for (;;) {
      const dirty = await connection.collection('days').countDocuments({ dirty: true });
      if (dirty === 0) return;
      if (Date.now() > deadline) throw new Error(`${dirty} days are still not sealed`);
      process.stderr.write(`waiting for ${dirty} days to be sealed\n`);
      await sleep(2_000);
    }
  } finally {
    await connection.close();
  }
};
