/**
 * Who is meant by `namespace/name`, `namespace/Kind/name`, an address or a block; `*` stands for any
 * part of a name. A name that means nobody is a mistake, never an empty answer.
 */
import { isIP } from 'node:net';
import { blockOf as addressesOf } from '../engine/addresses';
import type { EndFilter } from '../engine/reach-result';
import type { ResultWorkload } from '../engine/result';
import { nearMiss } from '../values/near-miss';
import { refuse } from '../values/problem';
import type { PolicyCluster } from './policy-cluster';

export function endsOf({ workloads }: PolicyCluster, where: string, name: string): EndFilter {
  if (isAddress(name)) return { workloads: new Set(), blocks: [blockOf(where, name)] };
  const ids = workloadsOf(workloads, where, name).map(({ id }) => id);
  return { workloads: new Set(ids), blocks: [] };
}

/** Ids and blocks, to count and to compare. */
export function namesOf({ workloads, blocks }: EndFilter): string[] {
  return [...workloads, ...blocks];
}

export function workloadsOf(
  workloads: readonly ResultWorkload[],
  where: string,
  name: string,
): readonly ResultWorkload[] {
  const expression = expressionOf(name);
  const found = workloads.filter((one) => expression.test(one.id) || expression.test(shortOf(one)));
  if (found.length === 0) refuseUnknown(workloads, where, name);
  if (found.length > 1 && !name.includes('*')) {
    refuse({
      code: 'ambiguous-workload',
      where,
      got: name,
      expected: `one workload, and this is ${found.map(({ id }) => id).join(', ')}`,
      fix: `'${found[0]?.id ?? name}', or '*' in place of what differs`,
    });
  }
  return found;
}

function refuseUnknown(workloads: readonly ResultWorkload[], where: string, name: string): never {
  const known = [...new Set(workloads.flatMap((one) => [shortOf(one), one.id]))].sort();
  const last = `/${name.split('/').at(-1) ?? ''}`;
  const some = known.filter((one) => one.split('/').length === 2);
  const elsewhere = some.filter((one) => one.endsWith(last));
  const near = nearMiss(name, known);
  const meant = near === undefined ? elsewhere.slice(0, 3) : [near];
  return refuse({
    code: 'unknown-workload',
    where,
    got: name,
    expected: `a workload as namespace/name, with * for any part, or an address; known: ${shortList(some)}`,
    fix: meant.length === 0 ? 'name one of them' : meant.map((one) => `'${one}'`).join(' or '),
  });
}

function shortList(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? `, … (${names.length})` : ''}`;
}

function shortOf({ namespace, name }: ResultWorkload): string {
  return `${namespace}/${name}`;
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`);
}

function isAddress(text: string): boolean {
  const [address = '', length = '0', ...rest] = text.split('/');
  return isIP(address) !== 0 && /^\d{1,3}$/.test(length) && rest.length === 0;
}

function blockOf(where: string, text: string): string {
  const block = text.includes('/') ? text : `${text}/${isIP(text) === 4 ? 32 : 128}`;
  if (addressesOf(block) !== undefined) return block;
  return refuse({
    code: 'address-block',
    where,
    got: text,
    expected: 'an address, or a block as its first address and a length',
    fix: "'10.0.0.0/8' or 'fd00::/8'",
  });
}
