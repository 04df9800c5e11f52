/** Ways from outside as text: the objects of a small edge, and answers in a line each. */
import { routesOf } from '../../src/engine/routes';
import type { RouteAnswer } from '../../src/engine/result';
import { World } from '../../src/engine/world';
import type { ClusterFacts } from '../../src/read/cluster';
import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';

/** `object('v1', 'Service', 'ml/ui', '{ … }')`: one document in flow style. */
export function object(apiVersion: string, kind: string, id: string, spec: string): string {
  const [namespace = '', name = ''] = id.split('/');
  return [
    `apiVersion: ${apiVersion}`,
    `kind: ${kind}`,
    `metadata: { name: ${name}, namespace: ${namespace} }`,
    `spec: ${spec}`,
    '---\n',
  ].join('\n');
}

export function service(id: string, app: string, ports: string, more = ''): string {
  return object('v1', 'Service', id, `{ selector: { app: ${app} }, ports: [${ports}]${more} }`);
}

/** A Deployment whose pods carry `app`, or these labels. */
export function pods(id: string, labels = `app: ${id.split('/')[1] ?? ''}`, ports = ''): string {
  const containers = `[{ name: main, image: i, ports: [${ports}] }]`;
  const template = `{ metadata: { labels: { ${labels} } }, spec: { containers: ${containers} } }`;
  return object('apps/v1', 'Deployment', id, `{ template: ${template} }`);
}

/** A policy that isolates every pod of a namespace for ingress. */
export function ingress(namespace: string, rules: string, name = 'ingress'): string {
  const spec = `{ podSelector: {}, policyTypes: [Ingress], ingress: ${rules} }`;
  return object('networking.k8s.io/v1', 'NetworkPolicy', `${namespace}/${name}`, spec);
}

export const from = (namespace: string): string =>
  `{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${namespace} } } }`;

export function worldOfText(text: string, profile: Partial<ClusterFacts> = {}): World {
  const input = readText('edge.yaml', text.replace(/---\n$/, ''));
  expect(input.problems).toEqual([]);
  const cluster = clusterOf(input);
  return new World({ ...cluster, profile: { ...cluster.profile, ...profile } });
}

export function routes(text: string, profile: Partial<ClusterFacts> = {}): RouteAnswer[] {
  return routesOf(worldOfText(text, profile));
}

/** The only way that an object of the kind declares. */
export function route(text: string, kind: string, profile?: Partial<ClusterFacts>): RouteAnswer {
  const own = routes(text, profile).filter(({ entry }) => entry.object.startsWith(`${kind} `));
  const [only] = own;
  if (only === undefined || own.length > 1) {
    throw new Error(`${String(own.length)} ways of ${kind}, expected one`);
  }
  return only;
}

/** `DENIED isolated by ingress (NetworkPolicy ml/ingress)` for each step that is not allowed. */
export function stops({ steps }: RouteAnswer): string[] {
  return steps
    .filter(({ verdict }) => verdict !== 'ALLOWED')
    .map(({ verdict, says, by, facts }) =>
      [
        verdict,
        says,
        ...by.map(({ object: name }) => `(${name})`),
        ...(facts.length === 0 ? [] : [`[${facts.join(', ')}]`]),
      ].join(' '),
    );
}

/** Paths and hosts that pass. */
export function requests({ http }: RouteAnswer): string[] {
  return (http ?? []).map(({ methods, paths, hosts }) =>
    [methods, paths, hosts]
      .map((list) => list.join(','))
      .join(' ')
      .trim(),
  );
}
