/** Where to look when one workload is cut off: what the input says of it, and the commands to ask. */
import { podsBehind } from '../engine/behind';
import type { World } from '../engine/world';
import type { PodFacts, ServiceFacts, WorkloadFacts } from '../read/cluster';

/** Lines of a shell script: comments say what was read, commands look at the cluster. */
export function troubleshootingOf(world: World, id: string): string {
  const workload = world.cluster.workloads.find((one) => one.id === id);
  const [pods] = workload?.pods ?? [];
  if (workload === undefined || pods === undefined) return '';
  const services = world.cluster.services.filter((service) =>
    podsBehind(world, service).some((place) => world.classes[place]?.workload.id === id),
  );
  const about = [`# ${id}`, ...labelLines(pods), ...policyLines(world, id)];
  return [...about, '', ...commands(workload, pods, services), ''].join('\n');
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

function commands(
  { namespace }: WorkloadFacts,
  { labels }: PodFacts,
  services: readonly ServiceFacts[],
): string[] {
  const pod = `"$pod"`;
  return [
    `pod=$(kubectl get pods --namespace ${namespace} -l '${selectorText(labels)}' -o name | head -n 1)`,
    `kubectl get namespace ${namespace} --show-labels`,
    `kubectl get pods --namespace ${namespace} -l '${selectorText(labels)}' -o wide --show-labels`,
    `kubectl describe networkpolicies --namespace ${namespace}`,
    `kubectl get authorizationpolicies,peerauthentications,requestauthentications,sidecars --namespace ${namespace} --ignore-not-found`,
    `# does it resolve names?`,
    `kubectl exec --namespace ${namespace} ${pod} -- nslookup kubernetes.default.svc.cluster.local`,
    ...services.flatMap(({ name, ports }) => [
      `# who stands behind ${name}?`,
      `kubectl get endpointslices --namespace ${namespace} -l kubernetes.io/service-name=${name}`,
      ...ports
        .filter(({ port }) => port !== 53)
        .map(
          ({ port }) =>
            `kubectl exec --namespace ${namespace} ${pod} -- wget -q -T 5 -O - http://${name}.${namespace}.svc.cluster.local:${port}/`,
        ),
    ]),
  ];
}

function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
