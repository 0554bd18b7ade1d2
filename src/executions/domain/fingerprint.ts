import { hash } from 'node:crypto';
import type { ErrorInput } from './model.js';
import { projectFrames } from './stack-frames.js';

/** Which cluster of failures an error belongs to (statistics.md section 7). */
export interface Fingerprint {
  /** 16 hex digits; '' for an error that says nothing at all. */
  readonly fingerprint: string;
  /** The error's type: the one given, else the one its text begins with, else ''. */
  readonly type: string;
  /** The message with its changing parts masked, at most 500 characters. */
  readonly template: string;
}

const READ_CHARACTERS = 4_000;
const TEMPLATE_CHARACTERS = 500;

/**
 * What changes from one failure to the next, masked in this order: a timestamp must go before its numbers, a quoted
 * value before the path in it. Every expression is linear: no nested repetition.
 */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\p{Cc}\[[0-9;]{0,20}m/gu, ''],
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z\b|[+-]\d{2}:?\d{2}\b))?)?/g, '<time>'],
  [/\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\b/g, '<time>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/"[^"\n]{0,1000}"/g, '<value>'],
  [/`[^`\n]{0,1000}`/g, '<value>'],
  // an apostrophe within a word (can't) opens nothing
  [/(?<![A-Za-z0-9])'[^'\n]{0,1000}'(?![A-Za-z0-9])/g, '<value>'],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"')\]]{1,1000}/gi, '<url>'],
  [/(?<![\w.~<])(?:[A-Za-z]:)?(?:[\\/][\w.@%+~-]{1,200}){2,}[\\/]?(?::\d+){0,2}/g, '<path>'],
  [/(?<![\w/\\])\.{0,2}[\w@+-]{0,100}(?:[\\/][\w.@%+~-]{1,200})+\.[A-Za-z]\w{0,7}\b(?::\d+){0,2}/g, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/@[0-9a-f]{5,16}\b/g, '@<hex>'],
  [/\b(?=[0-9a-f]{0,64}\d)(?=[0-9a-f]{0,64}[a-f])[0-9a-f]{7,64}\b/gi, '<hex>'],
  [/[-+]?\d+(?:[.,_]\d+)*/g, '<n>'],
  [/\s+/g, ' '],
];

const maskText = (text: string): string =>
  MASKS.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text.slice(0, READ_CHARACTERS))
    .trim()
    .slice(0, TEMPLATE_CHARACTERS);

const LEADING_TYPE =
  /^\s*((?:[A-Za-z_$][\w$]{0,100}\.){0,12}[A-Z_$][\w$]{0,100}(?:Error|Exception|Failure|Exit|Timeout))\b:?\s*/;

const firstLine = (text: string): string => {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
};

/**
 * @returns the same fingerprint for errors that differ only in numbers, hex, UUIDs, paths, quoted values, timestamps, line
 * numbers, and frames of libraries. Never throws; an error without type, message and stack has the fingerprint ''.
 */
export const fingerprintOf = (error: ErrorInput): Fingerprint => {
  const stack = error.stack ?? '';
  const text = (error.message ?? '').trim() || firstLine(stack.trimStart());
  const leading = LEADING_TYPE.exec(text.slice(0, READ_CHARACTERS));
  const type = error.type?.trim() || (leading?.[1] ?? '');
  // some reporters write `TypeError: x` into the message and some only `x`: both are one failure
  const sameType = leading?.[1] !== undefined && (leading[1] === type || leading[1].endsWith(`.${type}`));
  const template = maskText(sameType ? text.slice(leading[0].length) : text);
  if (type === '' && template === '') return { fingerprint: '', type, template };
  const frames = projectFrames(stack).map(maskText);
  return { fingerprint: hash('sha256', [type, template, ...frames].join('\0'), 'hex').slice(0, 16), type, template };
};
