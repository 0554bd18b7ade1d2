export type EmbeddedErrorCode =
  | 'mongod_not_found'
  | 'mongod_unusable'
  | 'redis_not_found'
  | 'redis_unusable'
  | 'data_dir_in_use'
  | 'data_dir_not_writable'
  | 'disk_full'
  | 'server_did_not_start';

/** The embedded servers cannot run; the message is for the person at the terminal and names the next step. */
export class EmbeddedError extends Error {
  readonly code: EmbeddedErrorCode;

  constructor(code: EmbeddedErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EmbeddedError';
    this.code = code;
  }
}

export const waysOut = (server: 'MongoDB' | 'Redis'): string => {
  const [install, uri, binary] =
    server === 'MongoDB'
      ? ['MongoDB 8 (https://www.mongodb.com/docs/manual/installation)', 'MONGODB_URI=mongodb://...', 'MONGOD_BINARY']
      : ['Redis 7 or later (apt-get install redis-server)', 'REDIS_URL=redis://...', 'REDIS_SERVER_BINARY'];
  return [
    'Three ways out:',
    `  1. install ${install}, or set ${binary} to where it is;`,
    `  2. set ${uri} to a server that runs already${server === 'MongoDB' ? ' (a replica set), with WORKER=spawn DEMO=on' : ''};`,
    '  3. docker compose up.',
  ].join('\n');
};
