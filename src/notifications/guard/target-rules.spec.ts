import { describe, expect, it } from '@jest/globals';
import { isPublicAddress } from './address-rules.js';
import { HOSTILE_URLS, NOT_PUBLIC } from './testing/hostile-urls.js';
import { refuseAddress, refuseUrl, type TargetPolicy } from './target-rules.js';

const strict: TargetPolicy = { allowPrivate: false, allowed: [], ports: [443, 8443] };
const trusting: TargetPolicy = { ...strict, allowPrivate: true };

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
