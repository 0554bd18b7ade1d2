import { describe, expect, it } from '@jest/globals';
import { maskedPath, withoutCredentials } from './masked-path.js';

const SECRET = 'Zm9vYmFy-mF6cXV4Zm9v_mFyYmF6cXV4Zm9vYmFyYmE';

describe('maskedPath', () => {
  it.each([
    [`/shared/dashboards/ers_share_${SECRET}`, '/shared/dashboards/ers_share_…'],
    [`/shared/dashboards/ers_share_${SECRET}/more?a=b`, '/shared/dashboards/ers_share_…/more'],
    [`/shared/dashboards/ers%5Fshare%5f${SECRET}`, '/shared/dashboards/ers_share_…'],
    [`/shared/dashboards/%65rs_share_${SECRET}`, '/shared/dashboards/ers_share_…'],
    [`/shared/dashboards/ers_share_${SECRET}%zz`, '/shared/dashboards/ers_share_…'],
    [`/x/ers_9f86d081884c7d65_${SECRET}`, '/x/ers_9f86d081884c7d65_…'],
    ['/exports/6650c0ffee6650c0ffee0001/download?signature=s', '/exports/6650c0ffee6650c0ffee0001/download'],
    ['/projects/ers_web_a%20b/users_share_x%2Fy', '/projects/ers_web_a%20b/users_share_x%2Fy'],
    ['/', '/'],
    ['', ''],
  ])('of %s is %s', (url, path) => expect(maskedPath(url)).toBe(path));
});

describe('withoutCredentials', () => {
  it('leaves what stands around them', () => {
    expect(withoutCredentials(`Cannot POST /a/ers_share_${SECRET}?x=1`)).toBe('Cannot POST /a/ers_share_…?x=1');
    expect(withoutCredentials(`'/a/ers_share_${SECRET}%zz' is not a valid url component`)).toBe(
      "'/a/ers_share_…' is not a valid url component",
    );
    expect(withoutCredentials('Run not found')).toBe('Run not found');
  });
});
