import { Readable } from 'node:stream';
import { DomainError, readDto } from '../../common/index.js';
import { COMMENT_FIELD } from '../messages/action-page.js';
import { CommentDto } from './actions.dto.js';

/** More than any comment takes: at most four bytes a character. */
const MOST_BYTES = 32_000;

/**
 * What the page of a comment sends as text/plain: `text=`, the text, a line break. It is the only field, so whatever
 * follows its name belongs to it.
 * @throws DomainError 413 `body_too_large`; 422 `validation_failed`
 */
export const readCommentForm = async (body: unknown): Promise<string> => {
  const form = body instanceof Readable ? await textOf(body) : '';
  const name = `${COMMENT_FIELD}=`;
  const value = form.startsWith(name) ? form.slice(name.length) : '';
  return (await readDto(CommentDto, { text: value.trim().replaceAll('\r\n', '\n') })).text;
};

const textOf = async (stream: Readable): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  // the socket stays: it is the way of the answer
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new DomainError('too_large', 'body_too_large', 'The comment is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
