/**
 * What is left of an address block without some others, as whole blocks: for APIs that know
 * prefixes but no exceptions.
 */
import * as ipaddr from 'ipaddr.js';
import { cidrContains, cidrsOverlap } from './cidr';

/** Blocks that together hold the addresses of `cidr` outside `except`, in the order of addresses. */
export function cidrWithout(cidr: string, except: readonly string[]): string[] {
  const relevant = except.filter((other) => cidrsOverlap(cidr, other));
  if (relevant.length === 0) return [cidr];
  if (relevant.some((other) => cidrContains(other, cidr))) return [];
  // a block that overlaps another without lying in it contains it: it can be halved
  return halvesOf(cidr).flatMap((half) => cidrWithout(half, relevant));
}

/** The lower and the upper half of a block of more than one address. */
function halvesOf(cidr: string): readonly [string, string] {
  const [address, prefix] = ipaddr.parseCIDR(cidr);
  const bytes = address.toByteArray();
  const upper = bytes.map((byte, index) =>
    index === Math.floor(prefix / 8) ? byte | (0x80 >> (prefix % 8)) : byte,
  );
  const half = String(prefix + 1);
  return [`${address.toString()}/${half}`, `${ipaddr.fromByteArray(upper).toString()}/${half}`];
}
