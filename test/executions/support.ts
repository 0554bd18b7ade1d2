import { getModelToken } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { TestApp } from '../support/app.js';

type Row = Record<string, unknown>;

/** `n` tests, each with one passed attempt unless `more` says otherwise. */
export const rowsOf = (n: number, more: (index: number) => Row = () => ({})): Row[] =>
  Array.from({ length: n }, (_, index) => ({
    suite: `suite-${index % 4}`,
    name: `test ${index}`,
    status: 'passed',
    durationMs: index,
    ...more(index),
  }));

export const createProject = async (api: TestApp, key: string, more: Row = {}): Promise<void> => {
  const { status } = await api.post('/projects', { key, name: key, ...more });
  if (status !== 201) throw new Error(`project ${key}: ${status}`);
};

export const STARTED = '2026-03-01T09:30:00.000Z';

export const shuffled = <T>(items: readonly T[], seed = 1): T[] => {
  let state = seed;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
};

/** A collection as it is stored, for what the API does not show. */
export const collection = (api: TestApp, model: string): Model<Row>['collection'] =>
  api.app.get<Model<Row>>(getModelToken(model), { strict: false }).collection;
