import ipaddr from 'ipaddr.js';

/** What a trusted network adds to the public addresses: loopback, and the ranges of private use. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);
/** All of IPv6 that is routed between networks; what lies outside is refused whatever it is called. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** The address without brackets and zone, an IPv4 address that is wrapped in IPv6 unwrapped. */
const unwrapped = (address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined => {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return ipaddr.isValid(plain) ? ipaddr.process(plain) : undefined;
};

/** Public unicast, which is all that a receiver on the internet can have. false for what is no address. */
export const isPublicAddress = (address: string): boolean => {
  const parsed = unwrapped(address);
  if (!parsed || parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_UNICAST);
};

/** Loopback or private; never link-local (where clouds keep their metadata), multicast or the like. */
export const isPrivateAddress = (address: string): boolean => {
  const parsed = unwrapped(address);
  return parsed !== undefined && PRIVATE_RANGES.has(parsed.range());
};

export const isAddress = (host: string): boolean => unwrapped(host) !== undefined;

/** Whether an address lies in one of the ranges (CIDR, or a single address). */
export const liesIn = (address: string, ranges: readonly string[]): boolean => {
  const parsed = unwrapped(address);
  if (!parsed) return false;
  return ranges.some((range) => {
    const cidr = ipaddr.isValidCIDR(range)
      ? ipaddr.parseCIDR(range)
      : ipaddr.isValid(range)
        ? ([ipaddr.process(range), ipaddr.process(range).kind() === 'ipv4' ? 32 : 128] as const)
        : undefined;
    return cidr !== undefined && cidr[0].kind() === parsed.kind() && parsed.match(cidr[0], cidr[1]);
  });
};
