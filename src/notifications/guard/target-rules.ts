import { isAddress, isPrivateAddress, isPublicAddress, liesIn } from './address-rules.js';

/** What the installation allows, from its configuration. */
export interface TargetPolicy {
  /** A trusted network: http and private addresses too, on any port. */
  readonly allowPrivate: boolean;
  /** Host names, addresses and CIDR ranges that are trusted one by one. */
  readonly allowed: readonly string[];
  /** Ports that may be called on hosts that are not trusted. */
  readonly ports: readonly number[];
}

const LONGEST_URL = 2_000;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Why a target is refused: a sentence for people that names nothing of what lies behind it. */
export type Refusal = string | undefined;

/** Lower case, without brackets and the final dot of a rooted name. */
export const plainHost = (hostname: string): string =>
  hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

const isTrusted = (host: string, { allowed }: TargetPolicy): boolean => allowed.includes(host) || liesIn(host, allowed);

/** Judges an address that a name resolved to, or that a socket is connected to. */
export const refuseAddress = (host: string, address: string, policy: TargetPolicy): Refusal => {
  if (isPublicAddress(address) || isTrusted(address, policy)) return undefined;
  const trusted = policy.allowPrivate || isTrusted(host, policy);
  if (trusted && isPrivateAddress(address)) return undefined;
  return 'its host is not on the public internet';
};

/** Judges a host as it stands in a setting, before it is resolved. */
export const refuseHost = (hostname: string, policy: TargetPolicy): Refusal => {
  const host = plainHost(hostname);
  if (isAddress(host)) return refuseAddress(host, host, policy);
  if (policy.allowPrivate || isTrusted(host, policy)) return undefined;
  // one label resolves within the own network only, and these names never anywhere else
  if (!host.includes('.') || /\.(localhost|local|internal|lan|home|intranet|corp|arpa)$/.test(host))
    return 'its host is not on the public internet';
  return undefined;
};

/** Judges a URL by how it is written. undefined: it may be resolved. */
export const refuseUrl = (text: string, policy: TargetPolicy): Refusal => {
  if (text.length > LONGEST_URL || !URL.canParse(text)) return 'it is not a URL of at most 2,000 characters';
  const url = new URL(text);
  if (!(url.protocol in DEFAULT_PORTS)) return 'it must begin with https://';
  if (url.username !== '' || url.password !== '') return 'it must not hold a user or password';
  const host = plainHost(url.hostname);
  const trusted = policy.allowPrivate || isTrusted(host, policy);
  if (url.protocol === 'http:' && !trusted) return 'it must begin with https://';
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol]! : Number(url.port);
  if (!trusted && !policy.ports.includes(port)) return `port ${port} is not allowed`;
  return refuseHost(host, policy);
};
