/**
 * Which addresses does a CIDR contain? By bigint arithmetic and without a library: the engine uses
 * ipaddr.js, and an oracle that leans on the same code repeats its mistakes. The input is what the
 * API server accepts; anything else throws, or has no meaning.
 */

/** IPv4 never matches IPv6 nor the reverse; host bits are masked away, as the API server does. */
export function inCidr(cidr: string, ip: string): boolean {
  const [base = '', length] = cidr.split('/');
  const hostBits = BigInt((isV6(ip) ? 128 : 32) - Number(length));
  return isV6(base) === isV6(ip) && toNumber(base) >> hostBits === toNumber(ip) >> hostBits;
}

function toNumber(ip: string): bigint {
  if (isV4(ip)) return ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = [], tail = []] = ip.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].reduce((sum, it) => sum * 65536n + BigInt(`0x${it}`), 0n);
}

export const isV4 = (ip: string): boolean => !ip.includes(':');
export const isV6 = (ip: string): boolean => ip.includes(':');
