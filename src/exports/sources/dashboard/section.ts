import { DateTime } from 'luxon';
import type { Plain } from '../../../common/index.js';
import type { Section } from '../../domain/summary.js';

/** What a widget shows, without its heading. */
export type Shown = Partial<Omit<Section, 'title'>>;

/** Draws the data of one type of widgets; `timeZone` is that of times in the document. */
export type Draw = (data: object, timeZone: string) => Shown;

/** A widget's data is what its type says it is: `type.compute` made it. */
export const drawing =
  <Data extends object>(draw: (data: Plain<Data>, timeZone: string) => Shown): Draw =>
  (data, timeZone) =>
    draw(data as unknown as Plain<Data>, timeZone);

/** @param at a Date, or ISO 8601 */
export const timeText = (at: Date | string, timeZone: string, format = 'dd LLL yy HH:mm'): string =>
  (typeof at === 'string'
    ? DateTime.fromISO(at, { zone: timeZone })
    : DateTime.fromJSDate(at, { zone: timeZone })
  ).toFormat(format, { locale: 'en' });

export const textColumn = (title: string) => ({ title, isNumber: false });
export const wideColumn = (title: string) => ({ title, isNumber: false, wide: true });
export const numberColumn = (title: string) => ({ title, isNumber: true });

/** Names the project of a row where there are rows of several. */
export const projectNamer = (
  rows: readonly { readonly project: string }[],
): ((row: { readonly project: string }, text: string) => string) => {
  const isOne = new Set(rows.map(({ project }) => project)).size < 2;
  return ({ project }, text) => (isOne ? text : `${project} · ${text}`);
};

/** `suite · name`. */
export const testText = ({ suite, name }: { readonly suite: string | null; readonly name: string }): string =>
  suite === null || suite === '' ? name : `${suite} · ${name}`;
