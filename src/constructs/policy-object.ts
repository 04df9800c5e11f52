/**
 * A policy as a cdk8s object whose spec is read from the traffic model when it is written.
 *
 * A raw ApiObject, because the typed L1 silently drops what it does not expect (a plain number as
 * port becomes "every port"). What leaves it has passed the API server's rules, JSON patches
 * included.
 */
import { ApiObject } from 'cdk8s';
import type { JsonPatch } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { networkPolicyProblems } from '../values/network-policy-validity';
import type { Problem } from '../values/problem';
import { NetpolError } from '../values/problem';
import { NETWORK_POLICY } from '../render/network-policy';
import type { NetworkPolicySpec } from '../render/network-policy';

/** Marks that travel with a policy. */
export const ANNOTATION = {
  flows: 'cdk8s-ml-netpol/flows',
  waivers: 'cdk8s-ml-netpol/waivers',
} as const;

export interface PolicyObjectProps {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the object allows anything, or only isolates. */
  readonly allows: boolean;
  /** Read when the object is written, and not before: later declarations belong to it too. */
  readonly spec: () => NetworkPolicySpec;
  readonly annotations: () => Readonly<Record<string, string>>;
  /** Called when an escape hatch changes the object. */
  readonly changed: () => void;
}

const POLICY_OBJECT = Symbol.for('cdk8s-ml-netpol.PolicyObject');

export class PolicyObject extends ApiObject {
  constructor(
    scope: Construct,
    id: string,
    private readonly content: PolicyObjectProps,
  ) {
    super(scope, id, {
      ...NETWORK_POLICY,
      metadata: { name: content.name, namespace: content.namespace, labels: { ...content.labels } },
      spec: { resolve: content.spec },
    });
    Object.defineProperty(this, POLICY_OBJECT, { value: true });
  }

  /** Whether the object allows anything, or only isolates. */
  public get allows(): boolean {
    return this.content.allows;
  }

  public override addJsonPatch(...operations: JsonPatch[]): void {
    super.addJsonPatch(...operations);
    this.content.changed();
  }

  public override toJson(): unknown {
    for (const [key, value] of Object.entries(this.content.annotations())) {
      this.metadata.addAnnotation(key, value);
    }
    const json: unknown = super.toJson();
    const problems = policyProblems(this.node.path, json);
    if (problems.length > 0) throw new NetpolError(problems);
    return json;
  }
}

/**
 * Whether a construct is a policy that some copy of this package compiled. Not `instanceof`:
 * ApiObject answers that for its subclasses too, and says yes to every ApiObject.
 */
export function isPolicyObject(construct: IConstruct): construct is PolicyObject {
  return POLICY_OBJECT in construct;
}

/** What the API server would refuse about a NetworkPolicy, told at its construct. */
export function policyProblems(path: string, manifest: unknown): Problem[] {
  return networkPolicyProblems(manifest).map(({ field, got, expected }) => ({
    code: 'network-policy-invalid',
    where: `${path}: ${field}`,
    got,
    expected,
    fix: 'change what was declared, or the JSON patch that wrote it',
  }));
}
