import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FormatId, ParsedFile } from '../../src/executions/formats/format-reader.js';
import { readFile } from '../../src/executions/formats/read-file.js';

export type FixtureKind = 'good' | 'missing' | 'invalid';

const folderOf = (format: FormatId, kind: FixtureKind): string =>
  join(import.meta.dirname, '../fixtures/formats', format, kind);

export const fixtureNames = (format: FormatId, kind: FixtureKind): string[] =>
  readdirSync(folderOf(format, kind)).sort();

export const readFixture = (format: FormatId, kind: FixtureKind, name: string): Promise<ParsedFile[]> =>
  readFile(name, readFileSync(join(folderOf(format, kind), name)));
