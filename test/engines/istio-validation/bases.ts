/** Objects to start from: what the examples write, and those of Istio's own tests of its webhook. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ISTIO_KINDS, isIstioObject } from '../../../src/values/istio';
import { sharedPath } from '../../shared';
import { writtenByExamples } from '../written/corpus';
import type { Mutant } from './mutants';

interface Table {
  readonly kind: string;
  readonly cases: readonly { readonly name: string; readonly in?: unknown }[];
}

/** Of each kind that is checked, so that none is seldom chosen. */
export function basesByKind(): ReadonlyMap<string, readonly Mutant[]> {
  const all = [...fromExamples(), ...fromIstio()];
  return new Map(
    ISTIO_KINDS.map(({ kind }) => [kind, all.filter(({ object }) => object['kind'] === kind)]),
  );
}

function fromExamples(): Mutant[] {
  return writtenByExamples()
    .filter(({ object }) => isIstioObject(object))
    .map(({ source, object }) => ({
      what: `${String(object['kind'])} of ${source}`,
      object: object as Mutant['object'],
    }));
}

function fromIstio(): Mutant[] {
  const folder = sharedPath('oracles', 'istio-webhook');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.flatMap((file) => {
    const { kind, cases } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Table;
    const known = ISTIO_KINDS.find((one) => one.kind === kind);
    if (known === undefined) return [];
    const apiVersion = `${known.group}/${known.versions[0] ?? 'v1'}`;
    return cases.flatMap(({ name, in: spec }): Mutant[] => {
      if (typeof spec !== 'object' || spec === null) return [];
      const metadata = { name: 'foo', namespace: 'bar' };
      return [
        {
          what: `${kind} "${name}"`,
          object: { apiVersion, kind, metadata, spec } as Mutant['object'],
        },
      ];
    });
  });
}
