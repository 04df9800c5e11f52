/** What the mesh dialect writes: one object, with the reasons that travel with it. */

export interface MeshObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** Without the namespace's suffix. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
  /** One line per flow: caller, ports, requests, reason. */
  readonly flows: readonly string[];
  /** Whether it belongs to the namespace's baseline. */
  readonly baseline: boolean;
  /** Whether it allows or routes something; denying objects are written after these. */
  readonly allows: boolean;
}

export const SECURITY = 'security.istio.io/v1';
export const NETWORKING = 'networking.istio.io/v1';
