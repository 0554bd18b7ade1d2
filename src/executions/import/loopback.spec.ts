import { describe, expect, it } from '@jest/globals';
import { isLoopback } from './loopback.js';

describe('isLoopback', () => {
  it.each([
    'http://localhost:3000',
    'https://LOCALHOST/x',
    'http://127.0.0.1',
    'http://127.8.0.1:1',
    'http://127.1',
    'http://[::1]:3000',
    'http://user:password@localhost',
  ])('knows %s', (url) => {
    expect(isLoopback(url)).toBe(true);
  });

  it.each([
    'http://localhost.ci.example.com',
    'http://127.evil.com',
    'http://127.0.0.1.evil.com:3000',
    'http://localhost@evil.com',
    'http://evil.com/localhost',
    'http://[::1:2]',
    'http://128.0.0.1',
    'http://my-localhost',
  ])('is not taken in by %s', (url) => {
    expect(isLoopback(url)).toBe(false);
  });
});
