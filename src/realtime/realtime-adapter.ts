import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { AppConfig } from '../config/index.js';
import { LIMITS } from './limits.js';

type Server = ReturnType<IoAdapter['createIOServer']>;
type Options = Parameters<IoAdapter['createIOServer']>[1];

const NAMESPACE_PATIENCE_MS = 10_000;

/**
 * socket.io on the API's own HTTP server. Connection state recovery stays off: it would skip the authentication, and the
 * sequence numbers of the rooms repair what is missing.
 */
export class RealtimeAdapter extends IoAdapter {
  private io: Server | undefined;

  constructor(
    app: INestApplicationContext,
    private readonly config: AppConfig,
  ) {
    super(app);
  }

  override createIOServer(port: number, given?: Options): Server {
    const { corsOrigins } = this.config;
    const options: Partial<NonNullable<Options>> = {
      ...given,
      serveClient: false,
      maxHttpBufferSize: LIMITS.messageBytes,
      connectTimeout: NAMESPACE_PATIENCE_MS,
      cors: corsOrigins.length > 0 ? { origin: [...corsOrigins] } : { origin: false },
    };
    const io = super.createIOServer(port, options as Options);
    // nothing is served there
    io.of('/').use((_socket, next) => next(new Error('Connect to the namespace /realtime')));
    this.io = io;
    return io;
  }

  /** Only the sockets: the HTTP server is closed by the application. A client sees a broken connection and comes back. */
  override close(): Promise<void> {
    this.io?.engine.close();
    return Promise.resolve();
  }
}
