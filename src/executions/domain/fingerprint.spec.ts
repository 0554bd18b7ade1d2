import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintOf } from './fingerprint.js';
import type { ErrorInput } from './model.js';
import { projectFrames } from './stack-frames.js';

const print = (error: ErrorInput): string => fingerprintOf(error).fingerprint;

describe('fingerprintOf', () => {
  it('says nothing of an error that says nothing', () =>
    expect(fingerprintOf({})).toEqual({ fingerprint: '', type: '', template: '' }));

  it.each([
    ['numbers', 'Expected 3 rows, got 1,024.5', 'Expected -12 rows, got 7'],
    ['units', 'Timeout of 5000ms exceeded', 'Timeout of 30000ms exceeded'],
    ['hex', 'at 0xDEADBEEF in object@1f3a9c', 'at 0x1 in object@77aa00'],
    ['commit hashes', 'no commit 3f2a9bc77d', 'no commit 90ab12cdef'],
    [
      'UUIDs',
      'order 123e4567-e89b-12d3-a456-426614174000 missing',
      'order 00000000-0000-4000-8000-00000000abcd missing',
    ],
    ['paths', "ENOENT: open '/home/ci/a/b.txt'", "ENOENT: open '/builds/7/x.txt'"],
    ['bare paths', 'cannot read /home/ci/a/b.txt now', 'cannot read /var/lib/data/z.bin now'],
    ['Windows paths', 'cannot read C:\\agent\\1\\a.txt', 'cannot read D:\\work\\22\\b.txt'],
    ['relative paths', 'missing src/a/b.ts:12', 'missing lib/c.ts:99'],
    ['quoted values', 'expected "red" to equal \'blue\'', 'expected "green" to equal \'white\''],
    ['timestamps', 'late since 2026-01-02T03:04:05.678Z', 'late since 2025-12-31 23:59:59,001'],
    ['a date', 'late since 2026-01-02', 'late since 2025-12-31'],
    ['addresses', 'GET http://127.0.0.1:3000/a failed', 'GET https://host.example/x?y=1 failed'],
    ['colours and spaces', '\u001b[31mno\u001b[39m  luck', 'no\nluck'],
  ])('masks %s', (_, a, b) => expect(print({ message: a })).toBe(print({ message: b })));

  it.each([
    ['words', 'connection refused', 'connection reset'],
    ['apostrophes', "can't open, won't wait", "can't close, won't wait"],
  ])('keeps %s', (_, a, b) => expect(print({ message: a })).not.toBe(print({ message: b })));

  it('writes what it masked into the template', () =>
    expect(fingerprintOf({ type: 'E', message: 'row 7 of "a" in /x/y.ts' })).toMatchObject({
      type: 'E',
      template: 'row <n> of <value> in <path>',
    }));

  it('finds the type at the head of the message, and does not count it twice', () => {
    const a = fingerprintOf({ message: 'java.lang.IllegalStateException: closed' });
    const b = fingerprintOf({ type: 'java.lang.IllegalStateException', message: 'closed' });
    expect(a).toEqual(b);
    expect(a.type).toBe('java.lang.IllegalStateException');
  });

  it('takes the first line of the stack where there is no message', () =>
    expect(fingerprintOf({ stack: '\nTypeError: x is undefined\n    at f (/a/b/c.js:1:2)' })).toMatchObject({
      type: 'TypeError',
      template: 'x is undefined',
    }));

  it('tells types and places apart', () => {
    const at = (frame: string): string => print({ message: 'm', stack: `Error: m\n    at ${frame}` });
    expect(print({ type: 'A', message: 'm' })).not.toBe(print({ type: 'B', message: 'm' }));
    expect(at('save (/r/src/cart.ts:1:2)')).not.toBe(at('load (/r/src/cart.ts:1:2)'));
    expect(at('save (/r/src/cart.ts:1:2)')).toBe(at('save (/other/src/cart.ts:90:4)'));
  });

  it('never throws, and is quick with hostile texts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }), (message, stack) => {
        expect(print({ message, stack })).toMatch(/^[0-9a-f]{0,16}$/);
      }),
    );
    const parts = ['a/', '"', "'", 'a.', '1-', '\\x', 'at ', 'f(', ' ', 'A.', '/a.b', 'a@', '0a'];
    const started = process.cpuUsage();
    for (const part of parts) print({ message: part.repeat(30_000), stack: `at ${part.repeat(450)}\n`.repeat(600) });
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1_000).toBeLessThan(3_000);
  });
});

describe('projectFrames', () => {
  it.each([
    [
      'JavaScript',
      'Error: x\n at Object.<anonymous> (/r/node_modules/jest/a.js:1:2)\n at async CartService.save (file:///r/src/cart.ts:10:5)\n at /r/test/cart.spec.ts:3:1\n at process.processTicks (node:internal/process/task_queues:95:5)',
      ['src/cart.ts CartService.save', 'test/cart.spec.ts'],
    ],
    [
      'Java',
      'java.lang.AssertionError: x\n\tat org.junit.Assert.fail(Assert.java:89)\n\tat com.shop.CartTest.adds(CartTest.java:12)\n\tat com.shop.Cart.lambda$save$0(Cart.java:7)\n\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1511)',
      ['com.shop.CartTest.adds', 'com.shop.Cart.lambda$save$#'],
    ],
    [
      'Python',
      'Traceback (most recent call last):\n  File "/usr/lib/python3.12/site-packages/requests/api.py", line 3, in get\n  File "/builds/x/shop/cart.py", line 44, in save\n    raise E',
      ['shop/cart.py save'],
    ],
    ['pytest', 'tests/test_cart.py:12: AssertionError', ['tests/test_cart.py']],
    [
      'Go',
      'panic: x\n\t/usr/local/go/src/testing/testing.go:1689 +0x1\n\t/src/shop/cart.go:42 +0x1d',
      ['shop/cart.go'],
    ],
    [
      '.NET',
      '   at Shop.Cart.Save(String id) in C:\\b\\Shop\\Cart.cs:line 12\n   at System.Linq.Enumerable.First()',
      ['Shop/Cart.cs Shop.Cart.Save'],
    ],
    ['Ruby', "/app/lib/cart.rb:12:in `save'\n/usr/lib/ruby/gems/3.2/rspec.rb:1:in `run'", ['lib/cart.rb save']],
    ['a text without frames', 'nothing here', []],
    ['nothing', '', []],
  ])('reads %s', (_, stack, frames) => expect(projectFrames(stack)).toEqual(frames));

  it('stops at three', () => expect(projectFrames('at f (/s/a.ts:1:1)\n'.repeat(9))).toHaveLength(3));
});
