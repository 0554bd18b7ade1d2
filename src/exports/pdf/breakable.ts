const ZERO_WIDTH = '\u200b';
const LONGEST_WORD = 18;
const LONGEST = 600;
/** What no font of the document has a glyph for: shown as a box, which says at least that something is there. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Surrogate}]/gu;

/** A text that can be broken anywhere it must be: paths, hashes and stack traces know no spaces. */
export const breakable = (text: string, longest = LONGEST): string => {
  const tidy = text.replaceAll(CONTROL, ' ').slice(0, longest).toWellFormed();
  return tidy
    .split(' ')
    .map((word) => (word.length <= LONGEST_WORD ? word : splitWord(word)))
    .join(' ');
};

const splitWord = (word: string): string =>
  (word.match(/[^/._\-:]{1,18}[/._\-:]{0,6}|[/._\-:]{1,18}/gu) ?? [word]).join(ZERO_WIDTH);
