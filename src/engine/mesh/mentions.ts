/**
 * Whom do the policies of a mesh target name? Classes whose identity some value fits, other than `*`,
 * and, where addresses are asked for, classes with known addresses. All other callers are alike.
 */
import type { CallerTest } from '../istio/callers';
import { callerMatches } from '../istio/callers';
import type { PeerSet } from '../peer-sets';
import type { Pods } from '../pods';
import { ascending, count, remember } from '../pods';
import type { Mesh } from './mesh';
import { callerKey } from './mesh';

export class Mentions {
  private readonly byAccount = new Map<string, number[]>();
  private readonly identities = new Map<string, number[]>();
  private readonly matching = new Map<string, readonly number[]>();

  constructor(
    private readonly pods: Pods,
    private readonly mesh: Mesh,
    private readonly setOf: (key: string, places: readonly number[]) => PeerSet,
    private readonly addressed: readonly number[],
  ) {
    for (const { index, workload, pods: own } of pods.classes) {
      const { identity } = mesh.callerAt(index);
      if (identity === undefined) continue;
      remember(this.byAccount, `${workload.namespace}/${own.serviceAccount}`, () => []).push(index);
      remember(this.identities, callerKey({ identity, addresses: [] }), () => []).push(index);
    }
  }

  /** One set per distinct value: targets that name the same share them. */
  of(tests: readonly CallerTest[]): PeerSet[] {
    const sets = new Map<string, PeerSet>();
    for (const test of tests) {
      for (const value of [...test.values, ...test.notValues]) {
        if (value === '*' || test.attribute === 'trustDomain') continue;
        const key =
          test.attribute === 'address' ? 'mesh address' : `mesh ${test.attribute} ${value}`;
        const places = remember(this.matching, key, () => this.places(test.attribute, value));
        if (places.length > 0) sets.set(key, this.setOf(key, places));
      }
    }
    return [...sets.values()];
  }

  private places(attribute: CallerTest['attribute'], value: string): readonly number[] {
    if (attribute === 'address') return this.addressed;
    if (attribute === 'account') return this.byAccount.get(value) ?? [];
    if (attribute === 'namespace' && !value.includes('*')) {
      const { start, end } = this.pods.spanOf(this.pods.placeOf(value));
      return count(start, end);
    }
    const test = { attribute, values: [value], notValues: [] };
    return ascending(
      [...this.identities.values()].flatMap((places) => {
        const [first = -1] = places;
        return callerMatches([test], this.mesh.callerAt(first)) === 'no' ? [] : places;
      }),
    );
  }
}
