/** Where to look when one workload is cut off: what the input says of it, and the commands to ask. */
import { podsBehind } from '../engine/behind';
import type { World } from '../engine/world';
import type { PodFacts, ServiceFacts } from '../read/cluster';

/** The label that every namespace has. */
const NAME = 'kubernetes.io/metadata.name';

/** Lines of a shell script: comments say what was read, commands look at the cluster. */
export function troubleshootingOf(world: World, id: string): string {
  const workload = world.cluster.workloads.find((one) => one.id === id);
  const [pods] = workload?.pods ?? [];
  if (workload === undefined || pods === undefined) return '';
  const { namespace } = workload;
  const services = world.cluster.services.filter((service) =>
    podsBehind(world, service).some((place) => world.classes[place]?.workload.id === id),
  );
  const chosen = `-l '${selectorText(pods.labels)}'`;
  return scriptOf([
    ...[`# ${id}`, ...labelLines(pods), ...policyLines(world, id), ''],
    ...looking(namespace, chosen),
    ...services.flatMap((service) => askingService(namespace, service)),
    ...neighbours(world, namespace).flatMap((other) => askingNamespace(namespace, other)),
  ]);
}

/** The same for whatever pods a namespace has: policies may be all that the input shows of it. */
export function troubleshootingOfNamespace(world: World, namespace: string): string {
  const own = world.cluster.networkPolicies.filter((policy) => policy.namespace === namespace);
  const names = own.map(({ name }) => name).join(', ');
  return scriptOf([
    ...[`# namespace ${namespace}`, `# NetworkPolicies: ${names === '' ? 'none' : names}`, ''],
    ...looking(namespace),
    ...neighbours(world, namespace).flatMap((other) => askingNamespace(namespace, other)),
  ]);
}

function scriptOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** Namespaces that rules for egress name. */
function neighbours(world: World, namespace: string): string[] {
  const named = world.cluster.networkPolicies
    .filter((policy) => policy.namespace === namespace)
    .flatMap(({ egress = [] }) => egress.flatMap(({ peers = [] }) => peers))
    .flatMap((peer) => (peer.kind === 'pods' ? (peer.namespaces?.matchLabels[NAME] ?? []) : []));
  return [...new Set(named)].filter((one) => one !== namespace && one !== 'kube-system').sort();
}

function labelLines({ labels, serviceAccount, ports }: PodFacts): string[] {
  const listed = ports.map(({ name, port, protocol }) =>
    `${name ?? ''} ${protocol} ${port}`.trim(),
  );
  return [
    `# labels: ${selectorText(labels)}`,
    `# service account: ${serviceAccount}`,
    `# ports: ${listed.length === 0 ? 'none that are declared' : listed.join(', ')}`,
  ];
}

function policyLines(world: World, id: string): string[] {
  const places = world.classes.flatMap(({ workload }, place) =>
    workload.id === id ? [place] : [],
  );
  return (['ingress', 'egress'] as const).map((direction) => {
    const found = places.flatMap((place) => world.policies.isolating(place, direction));
    const names = [...new Set(found.map(({ name }) => name))];
    return `# isolated for ${direction} by: ${names.length === 0 ? 'no NetworkPolicy' : names.join(', ')}`;
  });
}

/** A pod to ask from, the namespace, the policies, and whether names resolve. */
function looking(namespace: string, chosen = ''): string[] {
  const pods = `kubectl get pods --namespace ${namespace}${chosen === '' ? '' : ` ${chosen}`}`;
  return [
    `pod=$(${pods} -o name | head -n 1)`,
    `kubectl get namespace ${namespace} --show-labels`,
    `${pods} -o wide --show-labels`,
    `kubectl describe networkpolicies --namespace ${namespace}`,
    `kubectl get authorizationpolicies,peerauthentications,requestauthentications,sidecars --namespace ${namespace} --ignore-not-found`,
    '# does it resolve names?',
    `${inside(namespace)} nslookup kubernetes.default.svc.cluster.local`,
  ];
}

function askingService(namespace: string, { name, ports }: ServiceFacts): string[] {
  return [
    `# who stands behind ${name}?`,
    `kubectl get endpointslices --namespace ${namespace} -l kubernetes.io/service-name=${name}`,
    ...ports.flatMap(({ port }) =>
      port === 53 ? [] : [request(namespace, `${name}.${namespace}`, port)],
    ),
  ];
}

function askingNamespace(namespace: string, other: string): string[] {
  return [
    `# does it reach ${other}?`,
    `for service in $(kubectl get services --namespace ${other} -o name | cut -d / -f 2); do`,
    `  ${request(namespace, `$service.${other}`)}`,
    'done',
  ];
}

function request(namespace: string, service: string, port?: number): string {
  const url = `http://${service}.svc.cluster.local${port === undefined ? '' : `:${port}`}/`;
  return `${inside(namespace)} wget -q -T 5 -O - ${url}`;
}

function inside(namespace: string): string {
  return `kubectl exec --namespace ${namespace} "$pod" --`;
}

function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
