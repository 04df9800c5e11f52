/** What a story is about: kinds of peers, constructs, ports, namespaces and facts that it uses. */

import type { Peer, Port, Statement, Story } from './story';

const PEERS = [
  ...['workload', 'endpoint', 'namespace', 'name', 'reference', 'module', 'namespaces', 'pods'],
  ...['all-pods', 'any', 'cidr', 'internet', 'nodes', 'kube-apiserver', 'dns'],
  ...['account', 'principal', 'members', 'monitoring'],
];

/** Whatever a thousand stories have to be about. */
export const FEATURES: readonly string[] = [
  ...['app platform', 'app plain', 'suffixes', 'platform peers', 'platform ports'],
  ...['prod', 'test', 'dev', 'sandbox'].map((name) => `environment ${name}`),
  ...['generic', 'eks', 'gke', 'aks'].map((name) => `cluster ${name}`),
  ...['unknown', 'calico', 'aws-vpc', 'probes-need-a-rule'].map((name) => `cni ${name}`),
  ...['kube-dns', 'coredns-chart', 'openshift', 'addresses', 'node-local', 'service-address'].map(
    (name) => `dns ${name}`,
  ),
  ...['API server unknown', 'API server by address', 'environment of a namespace'],
  ...['module', 'baseline', 'own', 'existing', 'foreign'].map((kind) => `namespace ${kind}`),
  ...['several namespaces of one module', 'several namespaces of one baseline'],
  ...['nothing', 'ingress', 'egress', 'ingress and egress'].map(
    (which) => `existing isolated for ${which}`,
  ),
  ...[1, 2, 3].map((count) => `workload with ${String(count)} labels`),
  ...['workload with service account', 'workload with further labels'],
  ...['component pytorch', 'component mlflow'],
  ...['service', 'metrics', 'health', 'peer'].map((purpose) => `port for ${purpose}`),
  ...['all', 'pods', 'workload'].map((whom) => `default-deny of ${whom}`),
  ...['ingress', 'egress', 'ingress and egress'].map((which) => `default-deny for ${which}`),
  ...['dns-egress of namespace', 'dns-egress of workload', 'allow-among'],
  ...['module-ingress', 'module-egress', 'external-egress', 'allow-from', 'allow-to'],
  ...['workload', 'endpoint', 'namespace', 'module', 'pods'].map((kind) => `target ${kind}`),
  ...PEERS.map((kind) => `from ${kind}`),
  ...[...PEERS, 'fqdn'].map((kind) => `to ${kind}`),
  ...['pods in namespaces by name', 'pods in namespaces by label', 'requests, waived'],
  ...['default ports', 'all ports', 'port range', 'port by name'],
  ...['TCP', 'UDP', 'SCTP'].flatMap((one) => [`${one} port`, `all ${one} ports`]),
];

export function featuresOf(story: Story): Set<string> {
  const { app, suffixed, environment, cluster, namespaces, workloads, statements } = story;
  return new Set([
    `app ${app}`,
    `cluster ${cluster.distribution}`,
    `cni ${cluster.cni}`,
    `dns ${cluster.dns.kind}`,
    `API server ${cluster.apiServer.addresses.length === 0 ? 'unknown' : 'by address'}`,
    ...(suffixed ? ['suffixes'] : []),
    ...(app === 'platform' ? [`environment ${environment.name}`] : []),
    ...namespaces.flatMap((one) => [
      `namespace ${one.kind}`,
      ...(one.kind === 'existing' ? [`existing isolated for ${directions(one.isolated)}`] : []),
      ...(one.environment === undefined ? [] : ['environment of a namespace']),
      ...(one.platformPeers.length === 0 ? [] : ['platform peers']),
      ...(one.platformPorts === undefined ? [] : ['platform ports']),
      ...(namespaces.some(({ name, group }) => name !== one.name && group === one.group)
        ? [`several namespaces of one ${one.kind}`]
        : []),
    ]),
    ...workloads.flatMap((one) => [
      `workload with ${String(Object.keys(one.labels).length)} labels`,
      ...(one.account === undefined ? [] : ['workload with service account']),
      ...(one.component === undefined ? [] : [`component ${one.component}`]),
      ...(Object.keys(one.podLabels).some((key) => !(key in one.labels))
        ? ['workload with further labels']
        : []),
      ...one.ports.map(({ purpose }) => `port for ${purpose}`),
    ]),
    ...statements.flatMap(featuresOfStatement),
  ]);
}

function featuresOfStatement(statement: Statement): string[] {
  switch (statement.say) {
    case 'default-deny': {
      const { workload, pods, directions: both } = statement;
      const whom = workload === undefined ? (pods === undefined ? 'all' : 'pods') : 'workload';
      return [`default-deny of ${whom}`, `default-deny for ${directions(both)}`];
    }
    case 'dns-egress':
      return [`dns-egress of ${statement.workload === undefined ? 'namespace' : 'workload'}`];
    case 'module-ingress': {
      const from = statement.from.map(({ kind }) => `from ${kind}`);
      return ['module-ingress', `target ${statement.to.kind}`, ...from, ...terms(statement)];
    }
    case 'module-egress':
    case 'external-egress': {
      const to = statement.to.map(({ kind }) => `to ${kind}`);
      return [statement.say, `target ${statement.from.kind}`, ...to, ...terms(statement)];
    }
    case 'allow-from':
    case 'allow-to': {
      const end = statement.say === 'allow-from' ? 'from' : 'to';
      return [
        statement.say,
        `${end} ${statement.peer.kind}`,
        ...pods(statement.peer),
        ...terms(statement),
      ];
    }
    case 'allow-among':
      return ['allow-among', ...terms(statement)];
  }
}

function pods(peer: Peer): string[] {
  if (peer.kind !== 'pods') return [];
  return [`pods in namespaces by ${typeof peer.in === 'string' ? 'name' : 'label'}`];
}

function terms({ terms: { ports, http } }: Extract<Statement, { terms: unknown }>): string[] {
  const shapes = ports === undefined ? ['default ports'] : ports.map(shape);
  return [...shapes, ...(http ? ['requests, waived'] : [])];
}

function shape({ protocol, port, endPort, name }: Port): string {
  if (protocol === undefined) return 'all ports';
  if (port === undefined) return name === undefined ? `all ${protocol} ports` : 'port by name';
  return endPort === undefined ? `${protocol} port` : 'port range';
}

function directions(list: readonly string[]): string {
  return list.length === 0 ? 'nothing' : list.join(' and ');
}
