/** Bytes of a file, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** `whole`: 200; `none`: 416, since nothing of it is in the file. */
export type RangeAnswer = ByteRange | 'whole' | 'none';

const ONE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * What a Range header asks of a file (RFC 9110, section 14). One range is honoured; a header that is no valid range of
 * bytes, or asks for several, is ignored, as the RFC allows.
 */
export const rangeOf = (header: string | undefined, length: number): RangeAnswer => {
  const [, from = '', to = ''] = ONE_RANGE.exec(header?.trim() ?? '') ?? [];
  if (from === '' && to === '') return 'whole';
  if (from === '') {
    const wanted = Math.min(Number(to), length);
    return wanted === 0 ? 'none' : { first: length - wanted, last: length - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return 'whole';
  if (first >= length) return 'none';
  return { first, last: to === '' ? length - 1 : Math.min(Number(to), length - 1) };
};

/** Whether If-Range lets the range through: the same strong tag, or no condition at all. A date never does. */
export const ifRangeHolds = (header: string | undefined, etag: string): boolean =>
  header === undefined || header.trim() === etag;
