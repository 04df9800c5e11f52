/**
 * Variants of a workload: pods that differ by label, for routes to tell apart.
 *
 * A subset of a route selects by labels alone, so two variants must differ in the value of one
 * label at least: else the pods of one would be in the other's subset too.
 */
import { expectedDnsLabel } from '../values/names';
import { refuse } from '../values/problem';
import { checkedLabels } from '../values/selector';

type Labels = Readonly<Record<string, string>>;

/** Variants sorted by name, with checked labels; `podLabels` is what all pods carry. */
export function checkedVariants(
  path: string,
  variants: Readonly<Record<string, Labels>> | undefined,
  podLabels: Labels,
): Readonly<Record<string, Labels>> | undefined {
  if (variants === undefined) return undefined;
  const entries = Object.entries(variants).sort(([a], [b]) => (a < b ? -1 : 1));
  const checked = entries.map(([name, labels]) => {
    const where = `${path}: variants.${name}`;
    checkVariantName(where, name);
    const own = checkedLabels(where, labels);
    checkAdds(where, own, podLabels);
    return [name, own] as const;
  });
  for (const [index, [name, labels]] of checked.entries()) {
    for (const [other, others] of checked.slice(index + 1)) {
      checkDiffers(path, [name, labels], [other, others]);
    }
  }
  return Object.fromEntries(checked);
}

/** Variants become subsets of a DestinationRule and are named in values such as a split. */
export function checkVariantName(where: string, name: string): void {
  const expected = expectedDnsLabel(name);
  if (expected !== undefined) {
    refuse({ code: 'variant-name', where, got: name, expected, fix: `'canary'` });
  }
}

function checkAdds(where: string, labels: Labels, podLabels: Labels): void {
  if (Object.keys(labels).length === 0) {
    refuse({
      code: 'empty-selector',
      where,
      got: {},
      expected: 'at least one label: without one, the variant would be every pod',
      fix: `{ version: 'v2' }`,
    });
  }
  const contrary = Object.entries(labels).find(
    ([key, value]) => Object.hasOwn(podLabels, key) && podLabels[key] !== value,
  );
  if (contrary === undefined) return;
  const [key, value] = contrary;
  refuse({
    code: 'variant-contradicts',
    where,
    got: { [key]: value },
    expected: `labels that its pods can carry: all pods carry ${key}=${podLabels[key] ?? ''}`,
    fix: `another label than ${key}`,
  });
}

function checkDiffers(
  path: string,
  [name, labels]: readonly [string, Labels],
  [other, others]: readonly [string, Labels],
): void {
  const apart = Object.entries(labels).some(
    ([key, value]) => Object.hasOwn(others, key) && others[key] !== value,
  );
  if (apart) return;
  refuse({
    code: 'variants-overlap',
    where: `${path}: variants`,
    got: { [name]: labels, [other]: others },
    expected: 'one label that both carry, with different values: a pod could be of both variants',
    fix: `{ ${name}: { version: 'v1' }, ${other}: { version: 'v2' } }`,
  });
}
