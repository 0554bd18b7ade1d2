import { invalidFile } from './file-errors.js';

const DEEPEST = 100;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/** Offset of the bracket that goes too deep; -1 when none does. Counted before the parser spends memory on them. */
const tooDeepAt = (text: string): number => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (OPENING.has(code)) {
      depth += 1;
      if (depth > DEEPEST) return at;
    } else if (CLOSING.has(code)) depth -= 1;
  }
  return -1;
};

const placeOf = (text: string, offset: number): { line: number; column: number } => {
  const before = text.slice(0, offset);
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
};

/**
 * Parses the JSON of a file, at most 100 levels deep. `__proto__` becomes an own member, which nobody reads.
 * @throws DomainError `invalid_file` with line and column
 */
export const parseFileJson = (fileName: string, text: string): unknown => {
  const deep = tooDeepAt(text);
  if (deep >= 0) throw invalidFile(fileName, `JSON may be nested ${DEEPEST} levels deep at most`, placeOf(text, deep));
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const { message } = error as Error;
    const offset = /at position (\d+)/.exec(message)?.[1];
    // "unexpected end" names no position: it is the end
    const at = offset === undefined ? (message.includes('end of JSON') ? text.length : 0) : Number(offset);
    throw invalidFile(fileName, message.replace(/ (?:at position|\(line) .*$/, ''), placeOf(text, at));
  }
};
