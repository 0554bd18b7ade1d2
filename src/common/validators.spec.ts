import { describe, expect, it } from '@jest/globals';
import { isSlug, isText, isTimeZone } from './validators.js';

describe('isText', () => {
  it.each(['a', 'ä ö', '😀', 'line\nbreak'])('takes %j', (text) => expect(isText(text, 20)).toBe(true));
  it.each(['', '   ', 'a\0b', '\ud800', 'x'.repeat(21), 7, null, undefined, ['a'], { a: 1 }])('refuses %j', (value) =>
    expect(isText(value, 20)).toBe(false),
  );
  it('takes an empty text where min is 0', () => expect(isText('', 20, 0)).toBe(true));
});

describe('isTimeZone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata'])('takes %s', (zone) =>
    expect(isTimeZone(zone)).toBe(true),
  );
  it.each(['', '+02:00', 'Mars/Olympus', 'local', 'Europe/Berlin\0', 2, null])('refuses %j', (zone) =>
    expect(isTimeZone(zone)).toBe(false),
  );
});

describe('isSlug', () => {
  it.each(['a', 'web-shop', 'v1.2_x', '0', 'x'.repeat(64)])('takes %s', (key) => expect(isSlug(key)).toBe(true));
  it.each(['', 'A', '-a', '.a', '__proto__', 'a b', 'a/b', 'a\n', 'x'.repeat(65), ['a'], 1])('refuses %j', (key) =>
    expect(isSlug(key)).toBe(false),
  );
});
