import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Connection, createConnection, Schema } from 'mongoose';
import { buildIndexes } from '../../src/server/indexes.js';
import { servers } from '../support/servers.js';

let connection: Connection;
let database: string;

const open = async (schema: Schema): Promise<Connection> => {
  const opened = await createConnection(servers().mongodbUri, { dbName: database }).asPromise();
  opened.model('Thing', schema, 'things');
  return opened;
};

/** As a process that starts does it. */
const start = async (schema: Schema): Promise<void> => {
  const opened = await open(schema);
  await buildIndexes(opened).finally(() => opened.close());
};

const stored = async (): Promise<Record<string, object>> =>
  Object.fromEntries((await connection.collection('things').indexes()).map((index) => [index.name!, index]));

beforeAll(async () => {
  connection = await createConnection(servers().mongodbUri).asPromise();
});
beforeEach(() => {
  database = `indexes-${randomUUID().slice(0, 8)}`;
  connection = connection.useDb(database);
});
afterAll(() => connection.close());

describe('indexes of the schemas', () => {
  it('are built anew where their definition has changed, and only those', async () => {
    await start(
      new Schema({ at: Date, a: String }).index({ at: 1 }).index({ a: 1 }, { partialFilterExpression: { a: 'x' } }),
    );
    await connection.collection('things').createIndex({ other: 1 }, {}, {});
    await connection.collection('things').insertOne({ at: new Date(), a: 'x' });
    await start(
      new Schema({ at: Date, a: String })
        .index({ at: 1 }, { expireAfterSeconds: 1000 })
        .index({ a: 1 }, { partialFilterExpression: { a: 'y' } }),
    );
    expect(await stored()).toMatchObject({
      at_1: { expireAfterSeconds: 1000 },
      a_1: { partialFilterExpression: { a: 'y' } },
      other_1: {},
    });
    expect(await connection.collection('things').countDocuments()).toBe(1);
    await connection.dropDatabase();
  });

  it('are built by two processes that start at once', async () => {
    await start(new Schema({ at: Date }).index({ at: 1 }));
    const changed = (): Schema => new Schema({ at: Date }).index({ at: 1 }, { expireAfterSeconds: 9 });
    await Promise.all([start(changed()), start(changed())]);
    expect(await stored()).toMatchObject({ at_1: { expireAfterSeconds: 9 } });
    await connection.dropDatabase();
  });

  it('do not hide what a unique one finds', async () => {
    await connection.collection<{ a: string }>('things').insertMany([{ a: 'x' }, { a: 'x' }]);
    await expect(start(new Schema({ a: String }).index({ a: 1 }, { unique: true }))).rejects.toMatchObject({
      code: 11000,
    });
    await connection.dropDatabase();
  });
});
