import { describe, expect, it } from '@jest/globals';
import { AppConfig } from '../../config/index.js';
import { LinkSigner, type LinkSubject } from './link-signer.js';
import { SecretBox } from './secret-box.js';
import { SecretKeys } from './secret-keys.js';

const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)];
const keysOf = (...secrets: string[]): SecretKeys => new SecretKeys(AppConfig.load({ SECRET_KEYS: secrets.join(',') }));

describe('SecretBox', () => {
  const box = new SecretBox(keysOf(OLD));

  it('opens what it sealed, for the same owner only', () => {
    const sealed = box.seal('pass wörd', 'channel:1');
    expect(sealed).not.toContain('pass');
    expect(box.open(sealed, 'channel:1')).toBe('pass wörd');
    expect(() => box.open(sealed, 'channel:2')).toThrow();
  });

  it('never makes the same text twice', () => {
    expect(box.seal('x', 'a')).not.toBe(box.seal('x', 'a'));
  });

  it('refuses an altered text', () => {
    const sealed = box.seal('secret', 'a');
    for (let i = sealed.lastIndexOf('.') + 1; i < sealed.length - 1; i++) {
      const other = sealed[i] === 'A' ? 'B' : 'A';
      expect(() => box.open(sealed.slice(0, i) + other + sealed.slice(i + 1), 'a')).toThrow();
    }
  });

  it('opens with an old key after a new one was put before it, and not without it', () => {
    const sealed = box.seal('secret', 'a');
    expect(new SecretBox(keysOf(NEW, OLD)).open(sealed, 'a')).toBe('secret');
    expect(() => new SecretBox(keysOf(NEW)).open(sealed, 'a')).toThrow('SECRET_KEYS');
  });
});

describe('LinkSigner', () => {
  const now = new Date('2026-05-01T12:00:00Z');
  const clock = { now: () => now };
  const signer = new LinkSigner(keysOf(OLD), clock);
  const subject: LinkSubject = { method: 'GET', path: '/a', id: '1', organization: 'demo', revision: 3 };
  const soon = new Date(now.getTime() + 60_000);
  const invalid = expect.objectContaining({ kind: 'forbidden', code: 'link_invalid' });
  const refused = (act: () => void): void => {
    expect(act).toThrow(invalid);
  };

  it('accepts its own link', () => {
    expect(() => signer.verify(subject, signer.sign(subject, soon))).not.toThrow();
    expect(Object.fromEntries(new URLSearchParams(signer.query(subject, soon)))).toEqual(signer.sign(subject, soon));
  });

  it('refuses a link altered in any field', () => {
    const link = signer.sign(subject, soon);
    const others = { method: 'POST', path: '/b', id: '2', organization: 'other', revision: 4 };
    for (const [field, value] of Object.entries(others))
      refused(() => signer.verify({ ...subject, [field]: value }, link));
    for (const field of ['expires', 'key', 'signature'] as const)
      for (const value of ['', '0', `${link[field]}0`, '9999999999', 'NaN'])
        refused(() => signer.verify(subject, { ...link, [field]: value }));
  });

  it('refuses a link when its time is over', () => {
    const link = signer.sign(subject, soon);
    refused(() => new LinkSigner(keysOf(OLD), { now: () => soon }).verify(subject, link));
  });

  it('knows two live keys, and none that was taken away', () => {
    const link = signer.sign(subject, soon);
    expect(() => new LinkSigner(keysOf(NEW, OLD), clock).verify(subject, link)).not.toThrow();
    refused(() => new LinkSigner(keysOf(NEW), clock).verify(subject, link));
  });
});
