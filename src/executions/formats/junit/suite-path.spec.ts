import { describe, expect, it } from '@jest/globals';
import { suitePathOf } from './suite-path.js';

describe('suitePathOf', () => {
  it.each<[string, string[], string | undefined, string, string]>([
    ['nothing', [], undefined, 't', ''],
    ['no class', ['a', 'b'], undefined, 't', 'a/b'],
    ['blank suites', ['', ' '], 'C', 't', 'C'],
    ['the same class', ['com.a.C'], 'com.a.C', 't', 'com.a.C'],
    ['a short suite', ['C'], 'com.a.C', 't', 'com.a.C'],
    ['a nested class', ['com.a.C'], 'com.a.C$Inner', 't', 'com.a.C$Inner'],
    ['a module', ['pytest'], 'tests.x', 't', 'tests.x'],
    ['a class of its own', ['smoke'], 'com.a.C', 't', 'smoke/com.a.C'],
    ['a class that is no part of a longer word', ['MyCart'], 'Cart', 't', 'MyCart/Cart'],
    ['the title', ['Cart'], 'Cart adds', 'Cart adds', 'Cart'],
    ['the end of the title', ['Cart'], 'adds', 'Cart adds', 'Cart'],
    ['a short package', ['x.io/shop/cart'], 'cart', 't', 'x.io/shop/cart'],
    ['a Playwright file', ['cart.spec.ts'], 'cart.spec.ts', 'a › b', 'cart.spec.ts'],
  ])('%s', (_, suites, className, name, path) => expect(suitePathOf(suites, className, name)).toBe(path));
});
