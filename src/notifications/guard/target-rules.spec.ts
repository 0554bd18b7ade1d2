import { describe, expect, it } from '@jest/globals';
import { isPublicAddress } from './address-rules.js';
import { refuseAddress, refuseUrl, type TargetPolicy } from './target-rules.js';

const strict: TargetPolicy = { allowPrivate: false, allowed: [], ports: [443, 8443] };
const trusting: TargetPolicy = { ...strict, allowPrivate: true };

const NOT_PUBLIC = 'its host is not on the public internet';

/** Spellings that have got past such guards elsewhere. */
export const HOSTILE_URLS: readonly (readonly [string, string])[] = [
  ['https://127.0.0.1/hook', NOT_PUBLIC],
  ['https://127.255.255.254/', NOT_PUBLIC],
  ['https://127.1/', NOT_PUBLIC],
  ['https://0/', NOT_PUBLIC],
  ['https://0.0.0.0/', NOT_PUBLIC],
  ['https://2130706433/', NOT_PUBLIC],
  ['https://0x7f000001/', NOT_PUBLIC],
  ['https://0x7f.1/', NOT_PUBLIC],
  ['https://0177.0.0.1/', NOT_PUBLIC],
  ['https://017700000001/', NOT_PUBLIC],
  ['https://①②⑦.0.0.1/', NOT_PUBLIC],
  ['https://127.0.0.1./', NOT_PUBLIC],
  ['https://10.0.0.8/', NOT_PUBLIC],
  ['https://172.16.0.1/', NOT_PUBLIC],
  ['https://192.168.1.1/', NOT_PUBLIC],
  ['https://100.64.0.1/', NOT_PUBLIC],
  ['https://169.254.169.254/latest/meta-data/', NOT_PUBLIC],
  ['https://0xa9fea9fe/', NOT_PUBLIC],
  ['https://2852039166/', NOT_PUBLIC],
  ['https://192.0.2.1/', NOT_PUBLIC],
  ['https://224.0.0.1/', NOT_PUBLIC],
  ['https://255.255.255.255/', NOT_PUBLIC],
  ['https://[::1]/', NOT_PUBLIC],
  ['https://[::]/', NOT_PUBLIC],
  ['https://[::ffff:127.0.0.1]/', NOT_PUBLIC],
  ['https://[::ffff:7f00:1]/', NOT_PUBLIC],
  ['https://[::127.0.0.1]/', NOT_PUBLIC],
  ['https://[0:0:0:0:0:ffff:a9fe:a9fe]/', NOT_PUBLIC],
  ['https://[64:ff9b::7f00:1]/', NOT_PUBLIC],
  ['https://[2002:7f00:1::]/', NOT_PUBLIC],
  ['https://[fe80::1]/', NOT_PUBLIC],
  ['https://[fd00:ec2::254]/', NOT_PUBLIC],
  ['https://[ff02::1]/', NOT_PUBLIC],
  ['https://localhost/', NOT_PUBLIC],
  ['https://LOCALHOST./', NOT_PUBLIC],
  ['https://printer/', NOT_PUBLIC],
  ['https://metadata.google.internal/', NOT_PUBLIC],
  ['https://db.service.local/', NOT_PUBLIC],
  ['http://example.com/hook', 'it must begin with https://'],
  ['ftp://example.com/', 'it must begin with https://'],
  ['file:///etc/passwd', 'it must begin with https://'],
  ['gopher://127.0.0.1:6379/_FLUSHALL', 'it must begin with https://'],
  ['https://user:pass@example.com/', 'it must not hold a user or password'],
  ['https://example.com@127.0.0.1/', 'it must not hold a user or password'],
  ['https://example.com:6379/', 'port 6379 is not allowed'],
  ['https://example.com:22/', 'port 22 is not allowed'],
  ['//example.com', 'it is not a URL of at most 2,000 characters'],
  ['https://[fe80::1%25eth0]/', 'it is not a URL of at most 2,000 characters'],
];

describe('refuseUrl', () => {
  it.each(HOSTILE_URLS)('%s: %s', (url, why) => {
    expect(refuseUrl(url, strict)).toBe(why);
  });

  it.each(['https://hooks.slack.com/services/T/B/x', 'https://8.8.8.8/', 'https://[2606:4700:4700::1111]:8443/'])(
    'lets %s through',
    (url) => {
      expect(refuseUrl(url, strict)).toBeUndefined();
    },
  );

  it('lets private ranges and http through on a trusted network, but never link-local and credentials', () => {
    expect(refuseUrl('http://10.0.0.8:9000/', trusting)).toBeUndefined();
    expect(refuseUrl('http://localhost:3000/', trusting)).toBeUndefined();
    expect(refuseUrl('http://169.254.169.254/', trusting)).toBe(NOT_PUBLIC);
    expect(refuseUrl('http://0.0.0.0/', trusting)).toBe(NOT_PUBLIC);
    expect(refuseUrl('http://a:b@10.0.0.8/', trusting)).toBe('it must not hold a user or password');
  });

  it('trusts hosts and ranges one by one', () => {
    const policy = { ...strict, allowed: ['ci.internal', '10.1.0.0/16', 'fd12::/16'] };
    expect(refuseUrl('http://ci.internal:8080/', policy)).toBeUndefined();
    expect(refuseUrl('https://10.1.2.3/', policy)).toBeUndefined();
    expect(refuseUrl('https://[fd12::7]/', policy)).toBeUndefined();
    expect(refuseUrl('https://10.2.0.1/', policy)).toBe(NOT_PUBLIC);
    expect(refuseUrl('https://other.internal/', policy)).toBe(NOT_PUBLIC);
    expect(refuseAddress('ci.internal', '10.9.9.9', policy)).toBeUndefined();
    expect(refuseAddress('ci.internal', '169.254.169.254', policy)).toBe(NOT_PUBLIC);
  });
});

describe('isPublicAddress', () => {
  it('is false for what is no address', () => {
    for (const text of ['', 'example.com', '1.2.3.4.5', '::g', '10.0.0.0/8']) expect(isPublicAddress(text)).toBe(false);
  });
});
