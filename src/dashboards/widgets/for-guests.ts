import type { Dimension } from '../../metrics/index.js';

type Members = Readonly<Record<string, unknown>>;
type Hide = (member: unknown) => unknown;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const without =
  (...names: readonly string[]): Hide =>
  (member) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).filter(([name]) => !names.includes(name))) : member;

const withNull =
  (...names: readonly string[]): Hide =>
  (member) =>
    isObject(member) ? { ...member, ...Object.fromEntries(names.map((name) => [name, null])) } : member;

const toNull: Hide = () => null;

/** What becomes of members of these names, wherever in an answer they stand. */
const HIDDEN: ReadonlyMap<string, Hide> = new Map<string, Hide>([
  ['href', toNull],
  ['links', toNull],
  ['room', toNull],
  ['triggeredBy', toNull],
  // counts of alerts have the same names, and stay
  ['acknowledged', withNull('by', 'note')],
  ['snoozed', withNull('by')],
  // free texts that messages are routed by: who is on call may be one of them
  ['labels', (member) => (isObject(member) ? {} : member)],
  ['filter', without('owners', 'users')],
]);

/** Dimensions whose values may be people. */
const PEOPLE: readonly unknown[] = ['owner', 'user'] satisfies Dimension[];

/** Rows that are told apart by people get numbers for names: a chart can still tell them apart. Nobody stays null. */
const withoutNames = (data: Members): Members => {
  const { dimension, rows } = data;
  if (!PEOPLE.includes(dimension) || !Array.isArray(rows)) return data;
  const people = [...new Set(rows.map(({ group }: Members) => group))].filter((group) => typeof group === 'string');
  const nameOf = (group: unknown): unknown =>
    typeof group === 'string' ? `${String(dimension)} ${people.indexOf(group) + 1}` : group;
  return { ...data, rows: rows.map((row: Members) => ({ ...row, group: nameOf(row.group) })) };
};

/**
 * The same answer for those who came by a share link: without the names of people and what they said, and without ways
 * on, which such a guest could not go.
 */
export const forGuests = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map((item: unknown) => forGuests(item)) as T;
  if (!isObject(value)) return value;
  const members = Object.entries(withoutNames(value)).map(([name, member]) => {
    const hide = HIDDEN.get(name);
    return [name, forGuests(hide ? hide(member) : member)];
  });
  return Object.fromEntries(members) as T;
};
