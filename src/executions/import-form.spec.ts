import { describe, expect, it } from '@jest/globals';
import { ImportForm } from './import-form.js';

const LIMITS = { formBytes: 100, resultsPerForm: 10, smallFormBytes: 20 };

const formWith = (): { form: ImportForm; places: { taken: number } } => {
  const places = { taken: 0 };
  const enter = (): Promise<() => void> => {
    places.taken++;
    return Promise.resolve(() => {
      places.taken--;
    });
  };
  return { form: new ImportForm(enter, LIMITS), places };
};
const tooLarge = { kind: 'too_large', code: 'form_too_large' };

describe('ImportForm', () => {
  it.each(['addReceived', 'addUnpacked'] as const)('bounds the sum of %s', async (add) => {
    const { form } = formWith();
    await form[add](60);
    await form[add](40);
    await expect(form[add](1)).rejects.toMatchObject(tooLarge);
  });

  it('counts packed and unpacked bytes apart', async () => {
    const { form } = formWith();
    await form.addReceived(100);
    await form.addUnpacked(100);
  });

  it('bounds the results of all files together', () => {
    const { form } = formWith();
    form.addResults(4);
    form.addResults(6);
    expect(() => form.addResults(1)).toThrow(expect.objectContaining(tooLarge));
  });

  it('asks for a place once it is no longer small, one only, and gives it back', async () => {
    const { form, places } = formWith();
    await form.addReceived(20);
    await form.addUnpacked(20);
    expect(places.taken).toBe(0);
    await form.addUnpacked(1);
    await form.addReceived(50);
    expect(places.taken).toBe(1);
    form.end();
    form.end();
    expect(places.taken).toBe(0);
  });

  it('has nothing to give back when it stayed small', () => {
    const { form, places } = formWith();
    form.end();
    expect(places.taken).toBe(0);
  });
});
