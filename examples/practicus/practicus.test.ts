/**
 * Practicus judged by the naive evaluators, NetworkPolicy and mesh together: who may send what to
 * whom, over all services, a stranger in every namespace, and callers from elsewhere. Every pair that
 * no line names is denied. Ids are those of the requirements.
 */
import { readdirSync } from 'node:fs';
import { Environment } from 'cdk8s-ml-netpol';
import { meshAllows, mtlsMode } from '../../test/naive/istio';
import type { MeshPod, MeshRequest } from '../../test/naive/istio-world';
import { meshWorld } from '../../test/naive/istio-world';
import { allowed } from '../../test/naive/network-policy';
import type { Address, NetworkPolicy, Pod, World } from '../../test/naive/world';
import { OUTSIDE, outputFolder } from '../../test/support/reach';
import { documents } from '../../test/support/written';
import { practicus } from './practicus';

const SERVICES: readonly (readonly [string, string, string?])[] = [
  ['data-ingestion', 'data-ingestion'],
  ['data-prep', 'data-prep'],
  ['ml-platform', 'platform-api'],
  ['ml-training', 'trainer'],
  ['llm-serving', 'llm-internal'],
  ['llm-serving', 'llm-api'],
  ['api-gateway', 'api-gateway'],
  ['feature-store', 'feature-db'],
  ['reporting', 'reporting'],
  ['observability', 'prometheus'],
  ['ml-jobs', 'job', 'job-runner'],
  ['ml-jobs', 'notebook'],
  ['model-serving', 'model-api'],
];
const MODULES = [...new Set(SERVICES.map(([namespace]) => namespace))];
const HTTP_PORTS = [8080, 9090];
const PORTS = [...HTTP_PORTS, 8443, 5432, 15012, 15020, 7777];

let lastAddress = 0;

function pod(namespace: string, name: string, labels = {}, serviceAccount = name): MeshPod {
  lastAddress += 1;
  const ip = `10.244.0.${String(lastAddress)}`;
  return { namespace, name, labels, serviceAccount, inMesh: true, httpPorts: HTTP_PORTS, ip };
}

const services = SERVICES.map(([namespace, app, account = app]) =>
  pod(namespace, app, { app }, account),
);
const strangers = [...MODULES, 'elsewhere'].map((namespace) =>
  pod(namespace, 'stranger', { role: 'stranger' }, 'default'),
);
const nameOf = (end: MeshPod | Address): string =>
  'name' in end ? (end.name === 'stranger' ? `${end.namespace}/stranger` : end.name) : 'internet';
const service = (name: string): MeshPod => {
  const found = services.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

type Question = Omit<MeshRequest, 'from' | 'to'>;

/** One environment as it was written. */
class Written {
  readonly folder = outputFolder();
  private readonly mesh;
  private readonly policies: NetworkPolicy[];

  constructor(environment: Environment) {
    practicus(environment, this.folder).synth();
    this.mesh = meshWorld(
      ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'].flatMap((kind) =>
        documents(this.folder, kind),
      ),
      { trustDomain: 'cluster.local' },
    );
    this.policies = documents(this.folder, 'NetworkPolicy') as unknown as NetworkPolicy[];
  }

  lets(from: MeshPod | Address, to: MeshPod, asked: Question): boolean {
    const { protocol = 'TCP', port } = asked;
    return (
      allowed(this.world(), from, to, protocol, port) &&
      meshAllows(this.mesh, { ...asked, from, to })
    );
  }

  leaves(from: MeshPod, to: Pod | Address): boolean {
    return allowed(this.world(), from, to, 'TCP', 443);
  }

  /** `from -> to TCP 8080` of all callers and services, but what everybody may do with himself. */
  reach(callers: readonly (MeshPod | Address)[] = [...services, ...strangers]): string[] {
    return callers.flatMap((from) =>
      [...services, ...strangers.slice(0, -1)].flatMap((to) =>
        PORTS.filter((port) => from !== to && this.lets(from, to, { port })).map(
          (port) => `${nameOf(from)} -> ${nameOf(to)} ${String(port)}`,
        ),
      ),
    );
  }

  mode(to: MeshPod, port: number): string {
    return mtlsMode(this.mesh, to, port);
  }

  private world(): World {
    const names = [...MODULES, 'elsewhere'];
    const labelled = names.map((name) => [
      name,
      { labels: { 'kubernetes.io/metadata.name': name } },
    ]);
    const namespaces = Object.fromEntries(labelled) as World['namespaces'];
    return { namespaces, pods: [...services, ...strangers], policies: this.policies };
  }
}

const prod = new Written(Environment.PROD);
const dev = new Written(Environment.DEV);

/** Requests that the model API answers, by who sends them. */
function requestsTo(written: Written, to: MeshPod, callers: readonly MeshPod[]): string[] {
  return callers.flatMap((from) =>
    ['GET', 'POST', 'DELETE'].flatMap((method) =>
      ['/v1/predict', '/v1/models', '/v1/predict/', '/admin']
        .filter((path) => written.lets(from, to, { port: 8080, method, path }))
        .map((path) => `${nameOf(from)} ${method} ${path}`),
    ),
  );
}

const SCRAPED = services.filter(({ name }) => name !== 'prometheus');

describe('practicus in production', () => {
  it('S0-02 S0-03 S0-04 S0-06 S0-07 S0-08 S0-10: lets through what is declared, and nothing else', () => {
    const metrics = SCRAPED.map(({ name }) => `prometheus -> ${name} 9090`);
    const plumbing = [...services, ...strangers.slice(0, -1)]
      .filter(({ name }) => name !== 'prometheus')
      .map((to) => `prometheus -> ${nameOf(to)} 15020`);
    const fromNamespace = (namespace: string, to: string, port: number): string[] =>
      [...services, ...strangers]
        .filter((one) => one.namespace === namespace)
        .map((from) => `${nameOf(from)} -> ${to} ${String(port)}`);
    expect(prod.reach().sort()).toEqual(
      [
        ...metrics,
        ...plumbing,
        ...fromNamespace('data-prep', 'platform-api', 8080),
        ...fromNamespace('data-prep', 'ml-platform/stranger', 8080),
        'data-prep -> trainer 8080',
        'trainer -> llm-api 8080',
        'reporting -> llm-api 8080',
        ...fromNamespace('api-gateway', 'llm-internal', 8443),
        ...fromNamespace('model-serving', 'feature-db', 5432),
      ].sort(),
    );
  });

  it('S0-04: no protocol but TCP, and nobody from outside the cluster', () => {
    for (const to of services) {
      for (const port of PORTS) {
        expect(prod.lets(OUTSIDE.internet.end as Address, to, { port })).toBe(false);
        const prep = service('data-prep');
        expect(to !== prep && prod.lets(prep, to, { port, protocol: 'UDP' })).toBe(false);
      }
    }
  });

  it('S0-03: nobody leaves the cluster', () => {
    for (const from of [...services, ...strangers.slice(0, -1)]) {
      for (const { end } of Object.values(OUTSIDE)) expect(prod.leaves(from, end)).toBe(false);
    }
  });

  it('S0-12 S0-15 S0-16 S0-18: batch jobs predict, notebooks list models, others do nothing', () => {
    const callers = [...services, ...strangers];
    expect(requestsTo(prod, service('model-api'), callers)).toEqual([
      'job POST /v1/predict',
      'notebook GET /v1/models',
    ]);
  });

  it('S0-16: the role is the service account, whatever a pod is labelled', () => {
    const disguised = pod('ml-jobs', 'disguised', { app: 'job' }, 'notebook');
    expect(requestsTo(prod, service('model-api'), [disguised])).toEqual([
      'disguised GET /v1/models',
    ]);
  });

  it('S0-11 S0-17: accepts mutual TLS only, everywhere and on every port', () => {
    for (const to of [...services, ...strangers.slice(0, -1)]) {
      for (const port of PORTS) expect(prod.mode(to, port)).toBe('STRICT');
    }
    const plain = { port: 8080, method: 'POST', path: '/v1/predict', plaintext: true };
    expect(prod.lets(service('job'), service('model-api'), plain)).toBe(false);
  });

  it('S0-09: denies all in both directions in every module, in NetworkPolicy and mesh', () => {
    const denies = documents(prod.folder, 'NetworkPolicy').filter(
      ({ metadata }) => metadata.name === 'default-deny',
    );
    expect(denies.map(({ metadata }) => metadata.namespace).sort()).toEqual([...MODULES].sort());
    for (const { spec } of denies as unknown as NetworkPolicy[]) {
      expect(spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    }
    const nothing = documents(prod.folder, 'AuthorizationPolicy').filter(
      ({ metadata }) => metadata.name === 'default-deny',
    );
    expect(nothing.map(({ metadata }) => metadata.namespace).sort()).toEqual([...MODULES].sort());
  });

  it('S0-27: blocks the two crossings of the product flow', () => {
    const http = { port: 8080, method: 'GET', path: '/' };
    expect(prod.lets(service('data-prep'), service('llm-api'), http)).toBe(false);
    expect(prod.lets(service('reporting'), service('trainer'), http)).toBe(false);
  });

  it('S0-02: labels each namespace with its module', () => {
    const labels = documents(prod.folder, 'Namespace').map(({ metadata }) => [
      metadata.name,
      (metadata as { labels?: Record<string, string> }).labels?.['practicus-module'],
    ]);
    expect(labels.sort()).toEqual(MODULES.map((name) => [name, name]).sort());
  });

  it('S0-22 S0-26: writes one file of YAML per module, and the traffic model beside it', () => {
    expect(readdirSync(prod.folder).sort()).toEqual(
      [...MODULES.map((name) => `${name}.k8s.yaml`), 'traffic-model.jsonl'].sort(),
    );
  });
});

describe('the routing of the model API', () => {
  const [virtualService] = documents(prod.folder, 'VirtualService');
  const [destinationRule] = documents(prod.folder, 'DestinationRule');
  const host = 'model-api.model-serving.svc.cluster.local';
  const to = (subset: string) => ({ host, port: { number: 80 }, subset });

  it('S0-13 S0-19: a tenth of the predictions to the canary, everything else to the stable pods', () => {
    expect(virtualService).toMatchObject({
      spec: {
        hosts: [host],
        http: [
          {
            match: [{ uri: { prefix: '/v1/predict' } }],
            route: [
              { destination: to('canary'), weight: 10 },
              { destination: to('stable'), weight: 90 },
            ],
          },
          { route: [{ destination: to('stable') }] },
        ],
      },
    });
  });

  it('S0-13 S0-19: tries that fit into five seconds', () => {
    const { http } = virtualService?.['spec'] as { http: object[] };
    for (const route of http) {
      expect(route).toMatchObject({
        timeout: '5s',
        retries: { attempts: 2, perTryTimeout: '1500ms' },
      });
    }
  });

  it('S0-13 S0-20: defines its subsets, breaks circuits and keeps mutual TLS', () => {
    expect(destinationRule).toMatchObject({
      spec: {
        host,
        subsets: [
          { name: 'canary', labels: { version: 'v2-canary' } },
          { name: 'stable', labels: { version: 'v1-stable' } },
        ],
        trafficPolicy: {
          tls: { mode: 'ISTIO_MUTUAL' },
          outlierDetection: { consecutive5xxErrors: 5 },
          connectionPool: { tcp: { maxConnections: 100 } },
        },
      },
    });
  });
});

describe('practicus in development', () => {
  it('S0-05 S0-25: allows what production allows', () => {
    const open = dev.reach();
    expect(prod.reach().filter((line) => !open.includes(line))).toEqual([]);
  });

  it('S0-05 S0-25: opens namespaces to themselves and to the internet, and no more', () => {
    const before = new Set(prod.reach());
    const widened = dev.reach().filter((line) => !before.has(line));
    const home = new Map([...services, ...strangers].map((one) => [nameOf(one), one.namespace]));
    expect(widened.length).toBeGreaterThan(0);
    for (const line of widened) {
      const [, from = '', to = ''] = /^(\S+) -> (\S+) /.exec(line) ?? [];
      expect(home.get(to)).toBe(home.get(from));
    }
    for (const from of services) {
      expect(dev.leaves(from, OUTSIDE.internet.end)).toBe(true);
      expect(dev.leaves(from, OUTSIDE.metadata.end)).toBe(false);
      expect(dev.leaves(from, OUTSIDE.private.end)).toBe(false);
    }
  });

  it('S0-05 S0-17: keeps mutual TLS, identities and requests as they are', () => {
    for (const to of services) expect(dev.mode(to, 8080)).toBe('STRICT');
    const others = [...services, ...strangers].filter(
      ({ namespace }) => namespace !== 'model-serving',
    );
    expect(requestsTo(dev, service('model-api'), others)).toEqual([
      'job POST /v1/predict',
      'notebook GET /v1/models',
    ]);
  });
});
