/**
 * What is known of one Istio kind: its names, the shape of its spec, and the webhook's rules.
 */
import type { Field } from './field';
import type { ObjectShape } from './shape';

/** The parts of an object's metadata on which the webhook's verdict depends. */
export interface Metadata {
  readonly name: string;
  /** `default` where the object names none. */
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** One kind; a new one is a file with this object and a line in index.ts. */
export interface IstioKind {
  readonly group: string;
  readonly kind: string;
  /** Versions that the API server serves; their schemas are equal. */
  readonly versions: readonly string[];
  /** Whether the CRD requires `spec`; default false. */
  readonly specRequired?: true;
  readonly shape: ObjectShape;
  /** The webhook's rules over `spec`. */
  readonly check: (spec: Field, metadata: Metadata) => void;
}

/** Names that most networking kinds share. */
export const NETWORKING = {
  group: 'networking.istio.io',
  versions: ['v1', 'v1beta1', 'v1alpha3'],
} as const;

/** Names that the security kinds share. */
export const SECURITY = { group: 'security.istio.io', versions: ['v1', 'v1beta1'] } as const;
