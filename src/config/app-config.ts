import { plainToInstance, Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, IsUrl, Matches, Max, Min, MinLength, validateSync } from 'class-validator';
import type { LogLevel } from '../common/index.js';

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
const list = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string'
    ? value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean)
    : value;
const int = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? Number(value) : value);

/** Every setting of the service, with its default. The keys are the environment variables' names. */
class Environment {
  @Transform(int) @IsInt() @Min(0) @Max(65535) PORT = 3000;
  @IsString() HOST = '0.0.0.0';
  @IsString() @MinLength(1) DATA_DIR = '.data';
  @IsIn(LOG_LEVELS) LOG_LEVEL: LogLevel = 'info';
  /** Unset: the service starts its own MongoDB. */
  @IsOptional() @Matches(/^mongodb(\+srv)?:\/\//, { message: 'must be a mongodb:// URI' }) MONGODB_URI?: string;
  /** Unset: the service starts its own Redis. */
  @IsOptional() @Matches(/^rediss?:\/\//, { message: 'must be a redis:// URL' }) REDIS_URL?: string;
  /** HS256 secret. Unset together with JWT_JWKS_URI: one is generated and kept in DATA_DIR. */
  @IsOptional()
  @IsString()
  @MinLength(32, { message: 'must have at least 32 characters' })
  JWT_SECRET?: string;
  @IsOptional() @IsUrl({ require_tld: false, protocols: ['http', 'https'] }) JWT_JWKS_URI?: string;
  /** Encrypt stored secrets and sign links; newest first, older ones still open. Unset: one is kept in DATA_DIR. */
  @Transform(list)
  @IsString({ each: true })
  @MinLength(32, { each: true, message: 'must be keys of at least 32 characters, separated by commas' })
  SECRET_KEYS: string[] = [];
  /** Where people and browsers reach the service, for links in messages and files. Unset: http://localhost:PORT. */
  @IsOptional() @IsUrl({ require_tld: false, protocols: ['http', 'https'] }) PUBLIC_URL?: string;
  @IsString() @MinLength(1) JWT_ISSUER = 'execution-reporting';
  @IsString() @MinLength(1) JWT_AUDIENCE = 'execution-reporting';
  @Transform(list) @IsString({ each: true }) CORS_ORIGINS: string[] = [];
  /** spawn: the API process runs the worker as its child (the default when it runs its own MongoDB); none: it does not. */
  @IsOptional() @IsIn(['spawn', 'none']) WORKER?: 'spawn' | 'none';
  /** auto: an empty database gets the demo year when the service runs its own MongoDB. */
  @IsIn(['auto', 'on', 'off']) DEMO: 'auto' | 'on' | 'off' = 'auto';
  /** Where spans are sent by OTLP/HTTP; unset: no tracing. The SDK reads the other OTEL_ variables by itself. */
  @IsOptional()
  @Matches(/^https?:\/\/\S+$/, { message: 'must be an http:// or https:// URL' })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;
  @IsString() @MinLength(1) OTEL_SERVICE_NAME = 'execution-reporting';
  /** Multiplies every rate limit; 0 switches them off. */
  @Transform(int) @IsInt() @Min(0) @Max(1000) RATE_LIMIT_FACTOR = 1;
  /** A running run without news for so long is marked aborted. */
  @Transform(int) @IsInt() @Min(1) @Max(10080) RUN_TIMEOUT_MINUTES = 120;
  /** Mail server of the installation, smtp://user:password@host:port or smtps://…; unset: channels bring their own. */
  @IsOptional() @Matches(/^smtps?:\/\/[^/]+/, { message: 'must be a smtp:// or smtps:// URL' }) SMTP_URL?: string;
  /** Sender of mails: `Name <address>` or an address. */
  @IsString() @Matches(/^[^\r\n]{1,200}$/, { message: 'must be one line' }) MAIL_FROM =
    'Execution reporting <noreply@localhost>';
  /** true: a trusted network, where webhooks may lead to private addresses and plain http. */
  @IsIn(['true', 'false']) WEBHOOK_ALLOW_PRIVATE: 'true' | 'false' = 'false';
  /** Hosts, addresses and CIDR ranges that webhooks may lead to although they are private. */
  @Transform(list) @IsString({ each: true }) WEBHOOK_ALLOWED_HOSTS: string[] = [];
  /** Ports that webhooks may call. */
  @Transform(list)
  @Matches(/^\d{1,5}$/, { each: true, message: 'must be ports, separated by commas' })
  WEBHOOK_PORTS: string[] = ['443', '8443'];
  /** Memory for decoded days, per process. */
  @Transform(int) @IsInt() @Min(8) @Max(16384) DAY_CACHE_MB = 384;
  /** Exports of one organization that are written at the same time. */
  @Transform(int) @IsInt() @Min(1) @Max(100) EXPORT_CONCURRENCY = 2;
  /** Files of exports that one organization may keep. */
  @Transform(int) @IsInt() @Min(1) @Max(10_000_000) EXPORT_QUOTA_MB = 10_240;
  /** How long the file of an export stays. */
  @Transform(int) @IsInt() @Min(1) @Max(8760) EXPORT_KEEP_HOURS = 168;
}

/** What a process of the service is there for; `all` does both in one process (tests, scripts). */
export type ProcessRole = 'api' | 'worker' | 'all';

/** What the start finds out by itself when the environment does not say it. */
export interface ConfigOverrides {
  readonly role?: ProcessRole;
  readonly mongodbUri?: string;
  readonly redisUrl?: string;
  readonly jwtSecret?: string;
  readonly secretKeys?: readonly string[];
  readonly port?: number;
}

/** The typed, frozen configuration. Only this file reads the environment. */
export class AppConfig {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  readonly mongodbUri: string | undefined;
  readonly redisUrl: string | undefined;
  readonly jwt: {
    readonly secret: string | undefined;
    readonly jwksUri: string | undefined;
    readonly issuer: string;
    readonly audience: string;
  };
  /** Newest first. */
  readonly secretKeys: readonly string[];
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly corsOrigins: readonly string[];
  readonly worker: 'spawn' | 'none' | undefined;
  readonly demo: 'auto' | 'on' | 'off';
  readonly tracing: {
    /** Without a slash at its end; undefined: no tracing. */
    readonly endpoint: string | undefined;
    readonly serviceName: string;
  };
  readonly rateLimitFactor: number;
  readonly runTimeoutMinutes: number;
  readonly dayCacheMb: number;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** Where webhooks may lead. */
  readonly webhooks: {
    readonly allowPrivate: boolean;
    readonly allowed: readonly string[];
    readonly ports: readonly number[];
  };
  readonly exportConcurrency: number;
  readonly exportQuotaMb: number;
  readonly exportKeepHours: number;
  readonly role: ProcessRole;
  readonly #env: Environment;

  private constructor(env: Environment, role: ProcessRole) {
    this.#env = env;
    this.role = role;
    this.port = env.PORT;
    this.host = env.HOST;
    this.dataDir = env.DATA_DIR;
    this.logLevel = env.LOG_LEVEL;
    this.mongodbUri = env.MONGODB_URI;
    this.redisUrl = env.REDIS_URL;
    this.jwt = Object.freeze({
      secret: env.JWT_SECRET,
      jwksUri: env.JWT_JWKS_URI,
      issuer: env.JWT_ISSUER,
      audience: env.JWT_AUDIENCE,
    });
    this.secretKeys = Object.freeze(env.SECRET_KEYS);
    this.publicUrl = (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/+$/, '');
    this.corsOrigins = Object.freeze(env.CORS_ORIGINS);
    this.worker = env.WORKER;
    this.demo = env.DEMO;
    this.tracing = Object.freeze({
      endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, ''),
      serviceName: env.OTEL_SERVICE_NAME,
    });
    this.rateLimitFactor = env.RATE_LIMIT_FACTOR;
    this.runTimeoutMinutes = env.RUN_TIMEOUT_MINUTES;
    this.dayCacheMb = env.DAY_CACHE_MB;
    this.smtpUrl = env.SMTP_URL;
    this.mailFrom = env.MAIL_FROM;
    this.webhooks = Object.freeze({
      allowPrivate: env.WEBHOOK_ALLOW_PRIVATE === 'true',
      allowed: Object.freeze(env.WEBHOOK_ALLOWED_HOSTS.map((host) => host.toLowerCase())),
      ports: Object.freeze(env.WEBHOOK_PORTS.map(Number)),
    });
    this.exportConcurrency = env.EXPORT_CONCURRENCY;
    this.exportQuotaMb = env.EXPORT_QUOTA_MB;
    this.exportKeepHours = env.EXPORT_KEEP_HOURS;
    Object.freeze(this);
  }

  /**
   * Reads and validates the environment.
   * @throws ConfigError that names each wrong key and its rule, never its value.
   */
  static load(env: Readonly<Record<string, string | undefined>> = process.env): AppConfig {
    const known = Object.keys(KEYS).filter((key) => env[key] !== undefined && env[key] !== '');
    const given = Object.fromEntries(known.map((key) => [key, env[key]]));
    const candidate = plainToInstance(Environment, Object.assign({}, new Environment(), given));
    const problems = validateSync(candidate, { forbidUnknownValues: false });
    if (problems.length > 0)
      throw new ConfigError(problems.map((p) => [p.property, Object.values(p.constraints ?? {})]));
    return new AppConfig(candidate, 'api');
  }

  /** The same configuration with what the start found out. */
  with({ role = this.role, mongodbUri, redisUrl, jwtSecret, secretKeys, port }: ConfigOverrides): AppConfig {
    const given = {
      MONGODB_URI: mongodbUri,
      REDIS_URL: redisUrl,
      JWT_SECRET: jwtSecret,
      SECRET_KEYS: secretKeys,
      PORT: port,
    };
    const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return new AppConfig(Object.assign(new Environment(), this.#env, known), role);
  }
}

const KEYS: Readonly<Record<keyof Environment, true>> = {
  PORT: true,
  HOST: true,
  DATA_DIR: true,
  LOG_LEVEL: true,
  MONGODB_URI: true,
  REDIS_URL: true,
  JWT_SECRET: true,
  JWT_JWKS_URI: true,
  JWT_ISSUER: true,
  JWT_AUDIENCE: true,
  SECRET_KEYS: true,
  PUBLIC_URL: true,
  CORS_ORIGINS: true,
  WORKER: true,
  DEMO: true,
  OTEL_EXPORTER_OTLP_ENDPOINT: true,
  OTEL_SERVICE_NAME: true,
  RATE_LIMIT_FACTOR: true,
  RUN_TIMEOUT_MINUTES: true,
  DAY_CACHE_MB: true,
  SMTP_URL: true,
  MAIL_FROM: true,
  WEBHOOK_ALLOW_PRIVATE: true,
  WEBHOOK_ALLOWED_HOSTS: true,
  WEBHOOK_PORTS: true,
  EXPORT_CONCURRENCY: true,
  EXPORT_QUOTA_MB: true,
  EXPORT_KEEP_HOURS: true,
};

export class ConfigError extends Error {
  constructor(problems: readonly (readonly [string, readonly string[]])[]) {
    super(
      `The configuration is not valid:\n${problems.map(([key, rules]) => `  ${key}: ${rules.join('; ')}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}
