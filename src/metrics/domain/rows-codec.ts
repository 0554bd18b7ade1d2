import { ByteReader, ByteWriter } from './bytes.js';
import { ROW_HAS_DURATION, type GroupKey, type RowRun, type Rows } from './rows.js';

const VERSION = 1;

export const groupId = (group: GroupKey): string =>
  [group.suite, group.type, group.environment, group.branch, group.owner, group.user, group.kind, ...group.tags].join(
    '\u0001',
  );

export const writeGroup = (out: ByteWriter, group: GroupKey): void => {
  for (const part of [group.suite, group.type, group.environment, group.branch, group.owner, group.user, group.kind])
    out.text(part);
  out.varint(group.tags.length);
  for (const tag of group.tags) out.text(tag);
};

export const readGroup = (input: ByteReader): GroupKey => ({
  suite: input.text(),
  type: input.text(),
  environment: input.text(),
  branch: input.text(),
  owner: input.text(),
  user: input.text(),
  kind: input.text(),
  tags: Array.from({ length: input.varint() }, () => input.text()),
});

const writeRun = (out: ByteWriter, run: RowRun): void => {
  out.text(run.runId);
  out.varint(run.startedAtSeconds);
  out.varint(run.generation);
  out.text(run.commit);
  out.byte(run.expired ? 1 : 0);
};

const readRun = (input: ByteReader): RowRun => ({
  runId: input.text(),
  startedAtSeconds: input.varint(),
  generation: input.varint(),
  commit: input.text(),
  expired: input.byte() === 1,
});

/** Column by column, so that neighbours are alike: a row took 13 to 14 bytes in the benchmark, before the storage engine's compression. */
export const encodeRows = (rows: Rows): Buffer => {
  const out = new ByteWriter();
  out.byte(VERSION);
  out.varint(rows.length);
  out.varint(rows.groups.length);
  for (const group of rows.groups) writeGroup(out, group);
  out.varint(rows.runs.length);
  for (const run of rows.runs) writeRun(out, run);
  out.varint(rows.fingerprints.length);
  for (const fingerprint of rows.fingerprints) out.text(fingerprint);
  writeDeltas(out, rows.test);
  out.bytes(rows.flags);
  for (const attempt of rows.attempt) out.varint(attempt);
  writeDeltas(out, rows.at);
  for (let i = 0; i < rows.length; i++) if (rows.flags[i]! & ROW_HAS_DURATION) out.varint(rows.durationUs[i]!);
  if (rows.groups.length > 1) for (const group of rows.group) out.varint(group);
  if (rows.runs.length > 1) writeDeltas(out, rows.run);
  if (rows.fingerprints.length > 1) for (const fingerprint of rows.fingerprint) out.varint(fingerprint);
  return out.finish();
};

const writeDeltas = (out: ByteWriter, column: ArrayLike<number>): void => {
  let previous = 0;
  for (let i = 0; i < column.length; i++) {
    out.signed(column[i]! - previous);
    previous = column[i]!;
  }
};

const readDeltas = (input: ByteReader, column: { [index: number]: number; readonly length: number }): void => {
  let previous = 0;
  for (let i = 0; i < column.length; i++) column[i] = previous += input.signed();
};

/** @throws RangeError when the bytes are cut short or of an unknown version */
export const decodeRows = (bytes: Uint8Array): Rows => {
  const input = new ByteReader(bytes);
  const version = input.byte();
  if (version !== VERSION) throw new RangeError(`rows of version ${version} cannot be read`);
  const length = input.varint();
  const groups = Array.from({ length: input.varint() }, () => readGroup(input));
  const runs = Array.from({ length: input.varint() }, () => readRun(input));
  const fingerprints = Array.from({ length: input.varint() }, () => input.text());
  const rows = allocateRows(length, groups, runs, fingerprints);
  readDeltas(input, rows.test);
  rows.flags.set(input.bytes(length));
  for (let i = 0; i < length; i++) rows.attempt[i] = input.varint();
  readDeltas(input, rows.at);
  for (let i = 0; i < length; i++) if (rows.flags[i]! & ROW_HAS_DURATION) rows.durationUs[i] = input.varint();
  if (groups.length > 1) for (let i = 0; i < length; i++) rows.group[i] = input.varint();
  if (runs.length > 1) readDeltas(input, rows.run);
  if (fingerprints.length > 1) for (let i = 0; i < length; i++) rows.fingerprint[i] = input.varint();
  return rows;
};

type IndexColumn = Uint16Array | Uint32Array;

const indexWidth = (distinct: number): 2 | 4 => (distinct <= 0xffff ? 2 : 4);

/** All columns in one block of shared memory, the wide ones first: a thread that is given them reads them without a copy. */
export const allocateRows = (
  length: number,
  groups: readonly GroupKey[],
  runs: readonly RowRun[],
  fingerprints: readonly string[],
): Rows => {
  const widths = [groups, runs, fingerprints].map((dictionary) => indexWidth(dictionary.length));
  const memory = new SharedArrayBuffer(length * widths.reduce<number>((sum, width) => sum + width, 8 + 4 + 4 + 2 + 1));
  let offset = 0;
  const take = (width: number): number => (offset += width * length) - width * length;
  const durationUs = new Float64Array(memory, take(8), length);
  const test = new Int32Array(memory, take(4), length);
  const at = new Uint32Array(memory, take(4), length);
  const wide = widths.map((width) => (width === 4 ? new Uint32Array(memory, take(4), length) : undefined));
  const index = (place: number): IndexColumn => wide[place] ?? new Uint16Array(memory, take(2), length);
  const [group, run, fingerprint] = [index(0), index(1), index(2)];
  const attempt = new Uint16Array(memory, take(2), length);
  const flags = new Uint8Array(memory, take(1), length);
  return { length, test, flags, attempt, at, durationUs, group, run, fingerprint, groups, runs, fingerprints };
};

/** Bytes that the decoded rows hold in memory, for bounded caches. */
export const sizeOfRows = (rows: Rows): number => rows.length * 26 + rows.groups.length * 300 + rows.runs.length * 150;
