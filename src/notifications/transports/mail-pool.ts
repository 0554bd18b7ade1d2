import { createHash } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import { AppConfig } from '../../config/index.js';
import type { Channel, ChannelSecrets } from '../domain/channel.js';
import { TargetGuard } from '../guard/target-guard.js';

type Pool = Transporter<SMTPPool.SentMessageInfo, SMTPPool.Options>;

const MOST_POOLS = 50;
const CONNECT_MS = 10_000;
/** Longer than any attempt, which ends by its own limit: a server that takes a mail may be silent for long before. */
const SOCKET_MS = 90_000;
const COMMON = {
  pool: true,
  maxConnections: 4,
  maxMessages: 100,
  connectionTimeout: CONNECT_MS,
  greetingTimeout: CONNECT_MS,
  socketTimeout: SOCKET_MS,
  // a message must never make the service read a file or call a URL
  disableFileAccess: true,
  disableUrlAccess: true,
} as const;

/** Connections to mail servers, kept open: the installation's, and those of channels with a server of their own. */
@Injectable()
export class MailPool implements OnApplicationShutdown {
  /** Least recently used first. */
  private readonly pools = new Map<string, Pool>();

  constructor(
    private readonly config: AppConfig,
    private readonly guard: TargetGuard,
  ) {}

  /**
   * undefined where neither the channel nor the installation has a server.
   * @throws TargetRefusedError, or Error where the host does not resolve
   */
  async of(channel: Channel | undefined, secrets: ChannelSecrets | undefined): Promise<Pool | undefined> {
    const smtp = channel?.settings.smtp;
    if (!channel || !smtp) {
      const { smtpUrl } = this.config;
      return smtpUrl === undefined
        ? undefined
        : this.kept('installation', () => createTransport({ ...COMMON, url: smtpUrl }));
    }
    const [address] = await this.guard.resolve(smtp.host);
    const { user } = smtp;
    const password = createHash('sha256')
      .update(secrets?.password ?? '')
      .digest('base64url');
    const key = JSON.stringify([channel.channelId, smtp, address!.address, password]);
    return this.kept(key, () =>
      createTransport({
        ...COMMON,
        // the address that was judged, and no second lookup
        host: address!.address,
        port: smtp.port,
        secure: smtp.security === 'tls',
        requireTLS: smtp.security === 'starttls',
        ignoreTLS: smtp.security === 'none',
        tls: { servername: smtp.host },
        ...(user !== undefined && { auth: { user, pass: secrets?.password ?? '' } }),
      }),
    );
  }

  onApplicationShutdown(): void {
    for (const pool of this.pools.values()) pool.close();
    this.pools.clear();
  }

  private kept(key: string, make: () => Pool): Pool {
    const pool = this.pools.get(key) ?? make();
    this.pools.delete(key);
    this.pools.set(key, pool);
    const [oldest] = this.pools.keys();
    if (this.pools.size > MOST_POOLS && oldest !== undefined) {
      this.pools.get(oldest)?.close();
      this.pools.delete(oldest);
    }
    return pool;
  }
}
