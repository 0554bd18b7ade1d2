import { Command, InvalidArgumentError } from 'commander';
import { AppConfig, ConfigError } from '../config/index.js';
import { isSlug } from '../common/index.js';
import { isRole, type Role, ROLES } from './permissions.js';
import { loadOrCreateSecret } from './secret.js';
import { signToken } from './sign-token.js';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

const seconds = (text: string): number => {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const total = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(total > 0)) throw new InvalidArgumentError('a number with s, m, h, d or w, such as 12h or 7d');
  return total;
};

const parts = (text: string): string[] => text.split(',').map((part) => part.trim());

const roles = (text: string): Role[] => {
  const names = parts(text);
  if (!names.every(isRole)) throw new InvalidArgumentError(`of ${ROLES.join(', ')}, comma-separated`);
  return names;
};

const projects = (text: string): string[] => {
  const keys = parts(text);
  if (!keys.every(isSlug)) throw new InvalidArgumentError('project keys, comma-separated');
  return keys;
};

interface Options {
  readonly org: string;
  readonly sub: string;
  readonly name?: string;
  readonly roles: readonly Role[];
  readonly projects?: readonly string[];
  readonly expires: number;
}

const print = async ({ expires, ...claims }: Options): Promise<void> => {
  const config = AppConfig.load();
  if (config.jwt.jwksUri !== undefined)
    throw new ConfigError([['JWT_JWKS_URI', ['is set: tokens come from the identity provider behind it']]]);
  const secret = config.jwt.secret ?? loadOrCreateSecret(config.dataDir, 'jwt-secret');
  const { issuer, audience } = config.jwt;
  process.stdout.write(`${await signToken(claims, { secret, issuer, audience, expiresInSeconds: expires })}\n`);
};

const command = new Command('token')
  .description('Prints a token for this service, signed with JWT_SECRET or DATA_DIR/jwt-secret')
  .option('--org <organization>', 'the organization (tenant)', 'demo')
  .option('--sub <subject>', 'who the caller is', 'developer')
  .option('--name <name>', 'the name that others see')
  .option('--roles <roles>', ROLES.join(', '), roles, ['admin'])
  .option('--projects <keys>', 'confine it to these projects (default: all)', projects)
  .option('--expires <duration>', 'how long it lasts: 12h, 7d', seconds, 604_800)
  .action(print);

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  command.error(error.message);
}
