/** MLN101: selectors of namespaces by a label that no namespace has. */
import type { NetworkPolicyFacts } from '../read/cluster';
import type { FieldPath } from '../read/resource';
import { NAME_LABEL } from '../engine/pods';
import type { World } from '../engine/world';
import type { SelectorData } from '../values/selector';
import { describeSelector } from '../values/selector';
import { peersOf } from './dangling-peer';
import { likelyLabel } from './likely';
import type { Found, Rule } from './rule';
import { listed, ofPolicy } from './telling';

export const namespaceLabelNotSet: Rule = {
  code: 'MLN101',
  name: 'namespace-label-not-set',
  severity: 'warning',
  summary: 'a namespaceSelector asks for a label that no namespace has',
  why:
    'Only kubernetes.io/metadata.name is set on every namespace. A label such as name has to be set by ' +
    'somebody; until then the rule lets nobody through.',
  whenNot:
    'The namespaces are not in the input, and are known to have the label: read them too, or ' +
    'acknowledge it.',
  sources: [
    'projectcalico/calico#6898',
    'projectcalico/calico#5170',
    'https://kubernetes.io/docs/reference/labels-annotations-taints/',
  ],
  examples: {
    bad: { yaml: example('name') },
    good: { yaml: example(NAME_LABEL) },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy): Found[] => {
      if (policy.unclear.length > 0) return [];
      return peersOf(policy).flatMap(({ peer, path }) =>
        peer.namespaces === undefined ? [] : judged(world, policy, peer.namespaces, path),
      );
    }),
};

function judged(
  world: World,
  policy: NetworkPolicyFacts,
  selector: SelectorData,
  path: FieldPath,
): Found[] {
  const asked = askedFor(selector);
  // the name of a namespace that nobody showed is no mistake
  if (asked.length === 0 || asked.every(({ key }) => key === NAME_LABEL)) return [];
  const known = world.pods.namespaces.filter(
    ({ labelsKnown, resource }) => labelsKnown && resource !== undefined,
  );
  const { sure } = world.pods.namespacesSelected(selector);
  if (known.length === 0 || sure.length > 0) return [];
  const lacking = asked.filter(
    ({ key, values }) =>
      key !== NAME_LABEL &&
      !known.some(({ labels }) => {
        const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
        return value !== undefined && (values === undefined || values.includes(value));
      }),
  );
  const [first] = lacking;
  if (first === undefined) return [];
  // whoever asks for `name` means the name
  const named = first.key === 'name' && first.values?.length === 1 ? first.values[0] : undefined;
  const likely = likelyLabel(
    selector,
    known.map(({ labels }) => labels),
  );
  const labels = [...new Set(known.flatMap((one) => Object.keys(one.labels)))].filter(
    (key) => key !== NAME_LABEL,
  );
  return [
    {
      ...ofPolicy(policy, [...path, 'namespaceSelector']),
      message: `no namespace that the input shows has the label ${first.key}${first.values === undefined ? '' : `: ${first.values.join(' or ')}`}`,
      got: describeSelector(selector),
      expected:
        labels.length > 0 ? `${NAME_LABEL}, or a label that is set: ${listed(labels)}` : NAME_LABEL,
      fix: fixOf(named, likely, first),
      // a label of namespaces that live elsewhere is no mistake
      ...(named === undefined && likely === undefined ? { severity: 'info' as const } : {}),
    },
  ];
}

interface Asked {
  readonly key: string;
  /** Absent: any. */
  readonly values?: readonly string[];
}

/** Labels that have to be there. */
function askedFor({ matchLabels, matchExpressions }: SelectorData): Asked[] {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, values: [value] })),
    ...matchExpressions.flatMap(({ key, operator, values }): Asked[] => {
      if (operator === 'In') return [{ key, values }];
      return operator === 'Exists' ? [{ key }] : [];
    }),
  ];
}

function fixOf(
  named: string | undefined,
  likely: ReturnType<typeof likelyLabel>,
  { key, values }: Asked,
): string {
  if (named !== undefined) return `namespaceSelector: { matchLabels: { ${NAME_LABEL}: ${named} } }`;
  if (likely !== undefined) return `${likely.right} instead of ${likely.wrong}`;
  return `metadata: { labels: { ${key}: ${JSON.stringify(values?.[0] ?? '')} } } on the namespaces that are meant`;
}

function example(key: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: llm-serving }
---
apiVersion: v1
kind: Namespace
metadata: { name: llm-api }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: triton, namespace: llm-serving }
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{ from: [{ namespaceSelector: { matchLabels: { ${key}: llm-api } } }] }]
`;
}
