/** What no manifest shows and a verdict of the mesh hangs on. */
import type { FieldPath } from '../../read/resource';
import type { IstioFacts } from '../../read/cluster';
import type { Fact } from '../verdict';

export interface MissingFact {
  readonly fact: Fact;
  /** `source of rules[0]`, `request.headers[x-tenant]`, … */
  readonly detail: string;
  readonly policy?: IstioFacts;
  readonly path?: FieldPath;
}

/** What is wrong with a policy that Istio refuses. */
export function unclearFacts(policy: IstioFacts): MissingFact[] {
  return policy.unclear.map(({ path, why }) => ({
    fact: 'policy-unclear',
    detail: why,
    policy,
    path,
  }));
}

/** Each one once. */
export function distinctFacts(facts: readonly MissingFact[]): MissingFact[] {
  const keyed = facts.map((one) => {
    const { namespace = '', name = '', kind = '' } = one.policy ?? {};
    return [JSON.stringify([one.fact, one.detail, kind, namespace, name, one.path]), one] as const;
  });
  return [...new Map(keyed).values()];
}
