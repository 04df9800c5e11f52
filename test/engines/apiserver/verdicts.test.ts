/**
 * Do we refuse what a real API server refuses, and nothing else? Generated objects, each with one
 * mistake; both verdicts with their reasons go to dist/engines/*.tsv.
 */

import { parseAllDocuments } from 'yaml';
import { clusterNetworkPolicy } from '../../../src/read/kinds/cluster-network-policy';
import { readText } from '../../../src/read/read-text';
import { RULES } from '../../../src/rules';
import { ISTIO_KINDS, checkIstioObject } from '../../../src/values/istio';
import { networkPolicyProblems } from '../../../src/values/network-policy-validity';
import { describeEngine, needsGo, needsShared } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import type { ApiClient, Manifest } from './api-client';
import { startApiServer } from './api-server';
import type { Broken, Json } from './breakages';
import { brokenIn } from './breakages';
import { brokenShapes } from './broken-shapes';
import { customResourceDefinitions } from './crds';
import type { Question } from './verdicts';
import { compareVerdicts } from './verdicts';

const metadata = {
  name: 'model-api',
  namespace: 'ml-serving',
  labels: { 'app.kubernetes.io/name': 'model-api' },
  annotations: { 'acme.io/why': 'text' },
};

const selector: Json = {
  matchLabels: { 'app.kubernetes.io/name': 'model-api' },
  matchExpressions: [
    { key: 'tier', operator: 'In', values: ['serving'] },
    { key: 'canary', operator: 'DoesNotExist' },
  ],
};

/** With every field that a policy has. */
const NETWORK_POLICY: Broken['object'] = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec: {
    podSelector: selector,
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [{ podSelector: selector, namespaceSelector: { matchLabels: { team: 'ml' } } }],
        ports: [{ protocol: 'TCP', port: 8000, endPort: 8010 }, { port: 'http' }],
      },
    ],
    egress: [
      {
        to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] } }],
        ports: [{ protocol: 'UDP', port: 53 }],
      },
    ],
  },
};

/** With every field of the standard channel: its CRD knows neither nodes nor domainNames. */
const CLUSTER_NETWORK_POLICY: Broken['object'] = {
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'platform' },
  spec: {
    tier: 'Admin',
    priority: 10,
    subject: {
      pods: { podSelector: selector, namespaceSelector: { matchLabels: { team: 'ml' } } },
    },
    ingress: [
      {
        name: 'monitoring',
        action: 'Accept',
        from: [{ namespaces: selector }, { pods: { podSelector: {} } }],
        protocols: [{ tcp: { destinationPort: { number: 80 } } }, { destinationNamedPort: 'http' }],
      },
    ],
    egress: [
      {
        name: 'dns',
        action: 'Accept',
        to: [{ networks: ['10.0.0.0/8'] }, { namespaces: selector }],
        protocols: [
          { udp: { destinationPort: { range: { start: 53, end: 54 } } } },
          { sctp: { destinationPort: { number: 80 } } },
        ],
      },
    ],
  },
};

describeEngine('kube-apiserver', [needsGo, needsShared], () => {
  const run = new Run();
  let client: ApiClient;

  beforeAll(async () => {
    ({ client } = await startApiServer(run));
    await client.applyCustomResourceDefinitions(customResourceDefinitions());
  });
  afterAll(() => run.end());

  test('refuses the NetworkPolicies that we refuse', async () => {
    const questions = [
      { what: 'as it is', object: NETWORK_POLICY },
      ...['metadata', 'spec'].flatMap((under) => brokenIn(NETWORK_POLICY, under)),
    ];
    await compareVerdicts(client, 'broken NetworkPolicy', questions, (object) => ({
      refused: networkPolicyProblems(object).map(({ field, expected }) => `${field}: ${expected}`),
    }));
  });

  test('refuses the ClusterNetworkPolicies that we do not understand', async () => {
    const questions = [
      { what: 'as it is', object: CLUSTER_NETWORK_POLICY },
      ...brokenIn(CLUSTER_NETWORK_POLICY, 'spec'),
    ];
    await compareVerdicts(client, 'broken ClusterNetworkPolicy', questions, (object) => {
      const unclear = unclearOf(object);
      const doubted = isDoubted(object);
      return {
        refused: unclear.filter((why) => !doubted(why)),
        refusedLater: unclear.filter(doubted),
      };
    });
  });

  test.each(ISTIO_KINDS.map(({ kind }) => kind))(
    'refuses each broken %s that we refuse',
    async (kind) => {
      const { group, versions, shape } = kindNamed(kind);
      const questions = brokenShapes(shape).map(([what, spec]) => ({
        what: `spec ${what}`,
        object: { apiVersion: `${group}/${versions[0] ?? ''}`, kind, metadata, spec },
      }));
      await compareVerdicts(client, `broken ${kind}`, questions, (object) => {
        const errors = checkIstioObject(object).filter(({ severity }) => severity === 'error');
        const of = (layer: string): string[] =>
          errors
            .filter((problem) => problem.layer === layer)
            .map(({ field, expected }) => `${field}: ${expected}`);
        return { refused: of('crd'), refusedLater: of('webhook') };
      });
    },
  );

  test('accepts what we call unwise: the bad examples of our rules, as the good ones', async () => {
    const tally = new Tally('kube-apiserver', 'unwise, but valid');
    for (const { name, examples } of RULES) {
      const objects = [
        ...objectsIn('bad', examples.bad.yaml),
        ...objectsIn('good', examples.good.yaml),
      ];
      for (const { what, object } of objects) {
        if (!(await client.serves(object))) {
          tally.skip(`no CRD of ${String(object['apiVersion'])} ${String(object['kind'])} here`);
          continue;
        }
        const { accepted, message } = await client.dryRunApply(object);
        const theirs = accepted ? 'accepted' : message;
        tally.compare(`${name}, ${what}`, { ours: 'accepted', theirs });
      }
    }
    tally.close();
  });
});

function kindNamed(kind: string): (typeof ISTIO_KINDS)[number] {
  const found = ISTIO_KINDS.find((known) => known.kind === kind);
  if (found === undefined) throw new Error(`${kind} is none of ours`);
  return found;
}

/** What the reader makes of it: it knows the kind only as far as it is sure of its meaning. */
function unclearOf(object: Manifest): string[] {
  const { resources, problems } = readText('policy.json', JSON.stringify(object));
  const policies = resources.map(clusterNetworkPolicy);
  const unclear = policies.flatMap((policy) => [
    ...policy.unclear,
    ...[...policy.ingress, ...policy.egress].flatMap((rule) => rule.unclear),
  ]);
  return [...problems.map(({ expected }) => expected), ...unclear.map(({ why }) => why)];
}

/**
 * What the CRD lets pass and the reader doubts, so that it fails closed: selectors, which no API
 * server reads in a custom kind, a port without a name, and the dotted end of an IPv6 address.
 */
const DOUBTED: readonly { readonly why: RegExp; readonly written: RegExp }[] = [
  { why: /\.match(?:Labels|Expressions)\b/, written: /"match(?:Labels|Expressions)"/ },
  { why: /destinationNamedPort$/, written: /"destinationNamedPort":""/ },
  { why: /CIDRs/, written: /"64:ff9b::10\.0\.0\.0\/104"/ },
];

function isDoubted(object: Manifest): (why: string) => boolean {
  const text = JSON.stringify(object);
  return (why) => DOUBTED.some((one) => one.why.test(why) && one.written.test(text));
}

function objectsIn(example: string, yaml: string): Question[] {
  return parseAllDocuments(yaml).map((document, index) => ({
    what: `${example} ${index + 1}`,
    object: document.toJS() as Manifest,
  }));
}
