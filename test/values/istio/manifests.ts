/**
 * Manifests for the tests of the Istio checker, and its answer in one line a problem.
 */

import { checkIstioObject, ISTIO_KINDS } from '../../../src/values/istio';

interface Metadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** `error webhook spec.hosts[0]` for each problem of an object of that kind, in order. */
export function problems(kind: string, spec: unknown, metadata: Metadata = {}): readonly string[] {
  const { group, versions } = ISTIO_KINDS.find((known) => known.kind === kind) ?? {};
  const object = {
    apiVersion: `${group}/${versions?.[0]}`,
    kind,
    metadata: { name: 'model-api', namespace: 'llm-serving', ...metadata },
    spec,
  };
  return checkIstioObject(object).map(
    ({ severity, layer, field }) => `${severity} ${layer} ${field}`,
  );
}
