/**
 * Names and labels of everything that is written into a namespace.
 */
import type { Tree } from './tree';

/** Labels of every policy that this library writes into a namespace. */
export function policyLabels(
  tree: Tree,
  namespace: string,
  baseline: boolean,
): Record<string, string> {
  const { owner, baselineVersion } = tree.model.namespaces.get(namespace) ?? {};
  return {
    'app.kubernetes.io/managed-by': 'cdk8s-ml-netpol',
    ...(baseline && owner !== undefined && { 'cdk8s-ml-netpol/owner': owner }),
    ...(baseline &&
      baselineVersion !== undefined && { 'cdk8s-ml-netpol/baseline-version': baselineVersion }),
  };
}

/**
 * Name of a policy in a namespace, with the namespace's suffix. What every baseline has is called
 * otherwise in others' namespaces, so that a team never replaces an object of the platform.
 */
export function policyName(
  tree: Tree,
  namespace: string,
  name: string,
  kind: 'baseline' | 'own',
): string {
  const { policySuffix = '', ownership } = tree.model.namespaces.get(namespace) ?? {};
  const prefix = kind === 'baseline' && ownership === 'existing' ? 'team-' : '';
  return `${prefix}${name}${policySuffix}`;
}
