/**
 * Address blocks: CIDRs of IPv4 and IPv6 with exceptions inside them.
 *
 * Stricter than the API server, which masks host bits and reads leading zeros: a block means
 * exactly what it says, or it is refused with the block that was probably meant.
 */
import * as ipaddr from 'ipaddr.js';
import { refuse } from './problem';

/** A block as it is written into `ipBlock`: canonical text, exceptions sorted and distinct. */
export interface CidrData {
  readonly cidr: string;
  readonly except: readonly string[];
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

interface Block {
  readonly address: Address;
  readonly prefix: number;
}

/** Canonical text of a CIDR; refuses what is not one, or has host bits set. */
export function checkedCidr(where: string, text: string): string {
  const block = parseBlock(text);
  if (block === undefined) {
    return refuse({
      code: 'cidr',
      where,
      got: text,
      expected: 'a CIDR with its mask, such as 10.20.0.0/16 or 2001:db8::/32',
      fix: didYouMean(text),
    });
  }
  const network = networkOf(block);
  if (network !== formatBlock(block)) {
    refuse({
      code: 'cidr-host-bits',
      where,
      got: text,
      expected: `no bits set beyond the mask; did you mean ${network} or ${block.address.toString()}/${String(bits(block))}?`,
      fix: `'${network}'`,
    });
  }
  return network;
}

/** A checked block with exceptions, each a strict part of it. */
export function checkedCidrData(
  where: string,
  cidr: string,
  except: readonly string[] = [],
): CidrData {
  const outer = checkedCidr(`${where}: cidr`, cidr);
  const inner = except.map((text) => checkedCidr(`${where}: except`, text));
  for (const text of inner) {
    if (text === outer || !cidrContains(outer, text)) {
      refuse({
        code: 'cidr-except',
        where: `${where}: except`,
        got: text,
        expected: `a block inside ${outer} and smaller than it`,
        fix: 'remove it, or name the part that is excepted',
      });
    }
  }
  return { cidr: outer, except: [...new Set(inner)].sort() };
}

/** Whether text is a canonical CIDR of either family. */
export function isCidr(text: string): boolean {
  return parseBlock(text) !== undefined;
}

/** Whether a CIDR names an address inside its block instead of the block. */
export function hasHostBits(cidr: string): boolean {
  const block = parseBlock(cidr);
  return block !== undefined && networkOf(block) !== formatBlock(block);
}

/** Whether every address of `inner` lies in `outer`; both are CIDRs. */
export function cidrContains(outer: string, inner: string): boolean {
  const [a, b] = [parseBlock(outer), parseBlock(inner)];
  if (a === undefined || b === undefined) return false;
  return a.address.kind() === b.address.kind() && a.prefix <= b.prefix && matches(b.address, a);
}

/** Whether the blocks share an address; both are CIDRs. */
export function cidrsOverlap(a: string, b: string): boolean {
  return cidrContains(a, b) || cidrContains(b, a);
}

/** `ipv4` or `ipv6`. */
export function cidrFamily(cidr: string): 'ipv4' | 'ipv6' {
  return cidr.includes(':') ? 'ipv6' : 'ipv4';
}

/** Blocks without those that another one contains, sorted. */
export function normalizeCidrs(cidrs: readonly string[]): string[] {
  const sorted = [...new Set(cidrs)].sort();
  // of texts of one block (host bits, IPv6 in capitals) the first one stays
  return sorted.filter(
    (cidr, index) =>
      !sorted.some(
        (other, at) =>
          at !== index && cidrContains(other, cidr) && (at < index || !cidrContains(cidr, other)),
      ),
  );
}

/** Readable form: `10.0.0.0/8 except 10.244.0.0/16`. */
export function describeCidr({ cidr, except }: CidrData): string {
  return except.length === 0 ? cidr : `${cidr} except ${except.join(', ')}`;
}

const blocks = new Map<string, Block | undefined>();

/** Manifests repeat few CIDRs many times, and each is looked at from several sides. */
function parseBlock(text: string): Block | undefined {
  if (!blocks.has(text)) {
    // one entry per distinct text: bounded by what was read, but not for ever
    if (blocks.size > 10_000) blocks.clear();
    blocks.set(text, blockOf(text));
  }
  return blocks.get(text);
}

function blockOf(text: string): Block | undefined {
  const [address = '', mask, ...rest] = typeof text === 'string' ? text.split('/') : [];
  if (rest.length > 0 || mask === undefined || !/^(?:0|[1-9]\d{0,2})$/.test(mask)) return undefined;
  const parsed = parseAddress(address);
  const prefix = Number(mask);
  if (parsed === undefined || prefix > (parsed.kind() === 'ipv4' ? 32 : 128)) return undefined;
  return { address: parsed, prefix };
}

function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  // a zone (fe80::1%eth0) or an embedded IPv4 form has no meaning in a policy
  if (!/^[0-9a-f:]+$/i.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? undefined : address;
}

function networkOf(block: Block): string {
  const text = formatBlock(block);
  const network =
    block.address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(text)
      : ipaddr.IPv6.networkAddressFromCIDR(text);
  return `${network.toString()}/${String(block.prefix)}`;
}

function formatBlock(block: Block): string {
  return `${block.address.toString()}/${String(block.prefix)}`;
}

function bits(block: Block): number {
  return block.address.kind() === 'ipv4' ? 32 : 128;
}

function matches(address: Address, { address: network, prefix }: Block): boolean {
  if (address instanceof ipaddr.IPv4) {
    return network instanceof ipaddr.IPv4 && address.match(network, prefix);
  }
  return network instanceof ipaddr.IPv6 && address.match(network, prefix);
}

function didYouMean(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) return `'10.20.0.0/16'`;
  return `'${address.toString()}/${address.kind() === 'ipv4' ? '32' : '128'}'`;
}
