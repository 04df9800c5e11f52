/**
 * Which workloads a name means: `ns/name` of any kind, `ns/Kind/name`, `name` with a namespace given,
 * an address or a block. `*` stands for any part of a name where several are meant.
 */
import { isIP } from 'node:net';
import type { ResultWorkload } from '../engine/result';
import { countText } from '../report/words';
import { didYouMean, refuse } from './cannot-answer';
import type { End, ServiceEnd } from './analysis';

export class Names {
  private readonly byName = new Map<string, ResultWorkload[]>();

  constructor(
    private readonly workloads: readonly ResultWorkload[],
    private readonly namespace?: string,
    private readonly services: readonly ServiceEnd[] = [],
  ) {
    for (const workload of workloads) {
      for (const name of [workload.id, shortOf(workload)]) {
        this.byName.set(name, [...(this.byName.get(name) ?? []), workload]);
      }
    }
  }

  /** One end; several matches are an error that lists them. */
  one(where: string, name: string): End {
    const block = blockOf(name);
    if (block !== undefined) return block;
    const found = this.byName.get(this.qualified(name)) ?? [];
    const [only, ...others] = found;
    if (only === undefined) return this.refuseUnknown(where, name);
    if (others.length === 0) return { kind: 'workload', id: only.id };
    const ids = found.map(({ id }) => id).sort();
    return refuse(where, name, `one workload, and this is ${ids.join(', ')}`);
  }

  /** One end that is called: a workload, an address, or a Service as `ns/Service/name`. */
  called(where: string, name: string): End | ServiceEnd {
    const [namespace, kind, own, ...rest] = name.split('/');
    if (kind !== 'Service' || own === undefined || rest.length > 0) return this.one(where, name);
    const found = this.services.find((one) => one.namespace === namespace && one.name === own);
    if (found !== undefined) return found;
    const known = this.services.map((one) => `${one.namespace}/Service/${one.name}`);
    return refuse(where, name, `a Service that was read${didYouMean(name, known)}`);
  }

  /** All workloads that a pattern matches; a name without `*` must mean one of any kind. */
  several(where: string, pattern: string): readonly End[] {
    const block = blockOf(pattern);
    if (block !== undefined) return [block];
    if (!pattern.includes('*')) return [this.one(where, pattern)];
    const expression = expressionOf(this.qualified(pattern));
    const found = this.workloads.filter((workload) => {
      return expression.test(workload.id) || expression.test(shortOf(workload));
    });
    if (found.length === 0) return this.refuseUnknown(where, pattern);
    return found.map(({ id }) => ({ kind: 'workload', id }));
  }

  private qualified(name: string): string {
    return name.includes('/') || this.namespace === undefined ? name : `${this.namespace}/${name}`;
  }

  private refuseUnknown(where: string, name: string): never {
    const known = [...this.byName.keys()].sort();
    const wanted = this.qualified(name);
    const last = wanted.split('/').at(-1) ?? '';
    const elsewhere = known.filter(
      (each) => each.split('/').length === 2 && each.endsWith(`/${last}`),
    );
    const near = didYouMean(wanted, known);
    const hint =
      near === '' && elsewhere.length > 0
        ? `; did you mean ${elsewhere.slice(0, 3).join(' or ')}?`
        : near;
    const form = 'a workload as namespace/name, or an address';
    return refuse(
      where,
      name,
      `${form}; known: ${countText(this.workloads.length, 'workload')}${hint}`,
    );
  }
}

/** An address or a block of them. */
function blockOf(text: string): End | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  if (length === undefined) return { kind: 'addresses', cidr: `${address}/${bits}` };
  return /^\d{1,3}$/.test(length) && Number(length) <= bits
    ? { kind: 'addresses', cidr: text }
    : refuse('address', text, `a length from 0 to ${bits}`);
}

function shortOf({ namespace, name }: ResultWorkload): string {
  return `${namespace}/${name}`;
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`);
}
