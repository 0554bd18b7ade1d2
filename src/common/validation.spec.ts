import { describe, expect, it } from '@jest/globals';
import { IsObject, IsOptional, IsString } from 'class-validator';
import { Readable } from 'node:stream';
import { createValidationPipe, readDto } from './validation.js';

class SampleDto {
  @IsString()
  name: string;

  @IsOptional()
  @IsObject()
  attributes?: Record<string, unknown>;
}

const check = (body: unknown): Promise<unknown> =>
  createValidationPipe().transform(body, { type: 'body', metatype: SampleDto }) as Promise<unknown>;

describe('the validation pipe', () => {
  it('lets a good body through', async () => {
    await expect(check({ name: 'x', attributes: { a: 1 } })).resolves.toMatchObject({ name: 'x' });
  });

  it('refuses an own key named constructor, which class-transformer would call', async () => {
    const body: unknown = JSON.parse('{"name":"x","attributes":{"constructor":"y"}}');
    await expect(check(body)).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/attributes/constructor' }],
    });
  });

  it('refuses a stream, such as a body of XML is: copied member by member it would end the process', async () => {
    await expect(check(Readable.from(['<a/>']))).rejects.toMatchObject({ kind: 'unsupported_media' });
  });

  it('names the field that is unknown or wrong', async () => {
    await expect(check({ name: 1, more: true })).rejects.toMatchObject({
      errors: expect.arrayContaining([
        expect.objectContaining({ pointer: '/name' }),
        expect.objectContaining({ pointer: '/more' }),
      ]),
    });
  });
});

describe('reading a part of a body', () => {
  it('gives an instance', async () => {
    await expect(readDto(SampleDto, { name: 'x' })).resolves.toBeInstanceOf(SampleDto);
  });

  it.each([[undefined], [null], [[]], ['x'], [7]])('refuses %j', async (value) => {
    await expect(readDto(SampleDto, value, '/options')).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/options' }],
    });
  });

  it('says where in the request it stands', async () => {
    await expect(readDto(SampleDto, { name: 1 }, '/options')).rejects.toMatchObject({
      errors: [{ pointer: '/options/name' }],
    });
  });
});
