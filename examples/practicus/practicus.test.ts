/**
 * Practicus judged by the naive evaluators, NetworkPolicy and mesh together: who may send what to
 * whom, over all workloads, strangers in every namespace and callers from elsewhere. What no line
 * names is denied. Ids are those of the requirements.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Environment, Port } from 'cdk8s-ml-netpol';
import type { MlPlatform, Workload } from 'cdk8s-ml-netpol';
import type { MeshPod } from '../../test/naive/istio-world';
import type { Labels } from '../../test/naive/world';
import type { Asking, Party } from '../../test/support/both-layers';
import { BothLayers, isPod } from '../../test/support/both-layers';
import { KUBE_SYSTEM, lines, OUTSIDE, outputFolder, pod } from '../../test/support/reach';
import { documents } from '../../test/support/written';
import { environmentNamed, ENVIRONMENTS, practicus } from './practicus';

const QUESTIONS = {
  ports: [
    ['TCP', 5432],
    ['TCP', 8080],
    ['TCP', 8443],
    ['TCP', 9090],
    ['TCP', 443],
    ['TCP', 53],
    ['TCP', 15012],
    ['TCP', 15020],
    ['UDP', 53],
    ['UDP', 8080],
  ],
  requests: [
    ['POST', '/v1/predict'],
    ['GET', '/v1/models'],
    ['GET', '/v1/predict'],
    ['POST', '/v1/models'],
    ['POST', '/v1/predict/'],
    ['DELETE', '/'],
  ],
} as const;

/** Pods of the mesh: their service account is the `app` unless it is said. */
function party(id: string, { labels, ...of }: Partial<MeshPod> & { labels?: Labels } = {}): Party {
  const app = id.split('/')[1] ?? '';
  const end = pod(id, labels ?? { app }).end;
  const mesh = { serviceAccount: app, inMesh: true, httpPorts: [8080, 9090] };
  return { name: id, end: { ...end, ...mesh, ...of } as MeshPod };
}

const modelApi = (version: string): Party =>
  party(`model-serving/${version}`, {
    labels: { app: 'model-api', version },
    serviceAccount: 'model-api',
  });
const MODEL_API = [modelApi('v1-stable'), modelApi('v2-canary')];
const PROMETHEUS = party('observability/prometheus');
const APPS = [
  party('data-ingestion/data-ingestion'),
  party('data-prep/data-prep'),
  party('ml-platform/platform-api'),
  party('ml-training/trainer'),
  party('llm-serving/llm-internal'),
  party('llm-serving/llm-api'),
  party('api-gateway/api-gateway'),
  party('feature-store/feature-db'),
  party('reporting/reporting'),
  party('ml-jobs/job', { serviceAccount: 'job-runner' }),
  party('ml-jobs/notebook'),
  ...MODEL_API,
];
const WORKLOADS = [...APPS, PROMETHEUS];
const MODULES = [...new Set(WORKLOADS.map(namespaceOf))];
const STRANGERS = MODULES.map((module) =>
  party(`${module}/stranger`, { labels: {}, serviceAccount: 'default' }),
);
const OURS = [...WORKLOADS, ...STRANGERS];

/** Namespaces of others, one with a label of ours. */
const NAMESPACES = {
  elsewhere: { 'practicus-module': 'data-prep' },
  'istio-system': {},
  'kube-system': {},
};
const ISTIOD = party('istio-system/istiod', { inMesh: false });
const DNS: Party = { ...KUBE_SYSTEM.dns, end: outsideMesh(KUBE_SYSTEM.dns.end) };
const OTHERS = [
  ISTIOD,
  DNS,
  party('istio-system/gateway', { labels: { istio: 'ingressgateway' } }),
  // they look like ours, labels and accounts included
  party('elsewhere/data-prep'),
  party('elsewhere/prometheus'),
  party('elsewhere/job', { serviceAccount: 'job-runner' }),
  party('elsewhere/api-gateway', { inMesh: false }),
  ...Object.values(OUTSIDE).map(({ name, end }) => ({ name, end: outsideMesh(end) })),
];

function outsideMesh(end: object): Party['end'] {
  return { inMesh: false, httpPorts: [], ...end } as unknown as Party['end'];
}

function namespaceOf({ name }: Party): string {
  return name.split('/')[0] ?? '';
}

function inside(module: string): Party[] {
  return OURS.filter((one) => namespaceOf(one) === module);
}

function named(...names: string[]): Party[] {
  return names.map((name) => {
    const found = OURS.find((one) => one.name === name);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  });
}

/** One environment as it was written. */
class Written {
  readonly folder = outputFolder();
  readonly cluster: BothLayers;
  private known: string[] | undefined;

  constructor(environment: Environment, add: (platform: MlPlatform) => void = () => undefined) {
    const platform = practicus(environment, this.folder);
    add(platform);
    platform.synth();
    this.cluster = new BothLayers(this.folder, QUESTIONS, NAMESPACES);
  }

  /** Every pair with one of ours at an end. */
  get lines(): string[] {
    this.known ??= [
      ...this.cluster.reached(OURS, [...OURS, ...OTHERS]),
      ...this.cluster.reached(OTHERS, OURS),
    ].sort();
    return this.known;
  }

  /** Who reaches this target, and with what. */
  to(target: string): string[] {
    return this.lines
      .filter((line) => line.includes(` -> ${target} `))
      .map((line) => line.replace(` -> ${target}`, ''));
  }

  between(asking: Asking): string[] {
    return this.cluster.reached(WORKLOADS, WORKLOADS, asking);
  }

  files(): Record<string, string> {
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.yaml'));
    return Object.fromEntries(
      names.map((name) => [name, readFileSync(join(this.folder, name), 'utf8')]),
    );
  }
}

const PROD = new Written(Environment.PROD);
const DEV = new Written(Environment.DEV);

const SCRAPING = lines([PROMETHEUS], APPS, 'TCP 9090');
/** The metrics of the proxies themselves, which Prometheus has too. */
const PLUMBING = lines([PROMETHEUS], OURS, 'TCP 15020');
const PREDICTIONS = lines(named('ml-jobs/job'), MODEL_API, 'TCP 8080 POST /v1/predict');
const CATALOGUE = lines(named('ml-jobs/notebook'), MODEL_API, 'TCP 8080 GET /v1/models');
/** What Prometheus does with every app. */
const MONITORED = ['observability/prometheus TCP 15020', 'observability/prometheus TCP 9090'];
const DECLARED = [
  ...lines(inside('data-prep'), inside('ml-platform'), 'TCP 8080'),
  'data-prep/data-prep -> ml-training/trainer TCP 8080',
  'ml-training/trainer -> llm-serving/llm-api TCP 8080',
  'reporting/reporting -> llm-serving/llm-api TCP 8080',
  ...lines(inside('api-gateway'), named('llm-serving/llm-internal'), 'TCP 8443'),
  ...lines(inside('model-serving'), named('feature-store/feature-db'), 'TCP 5432'),
  ...PREDICTIONS,
  ...CATALOGUE,
  ...SCRAPING,
  ...PLUMBING,
];
const LEAVING = [...lines(OURS, [DNS], 'TCP 53', 'UDP 53'), ...lines(OURS, [ISTIOD], 'TCP 15012')];

describe('practicus in production', () => {
  test('S0-02 S0-03 S0-04 what is declared gets through, on its port and protocol, and nothing else', () => {
    expect(PROD.lines).toEqual([...DECLARED, ...LEAVING].sort());
  });

  test('S0-06 only model-serving reaches the feature store, on its database port', () => {
    expect(PROD.to('feature-store/feature-db')).toEqual([
      'model-serving/stranger TCP 5432',
      'model-serving/v1-stable TCP 5432',
      'model-serving/v2-canary TCP 5432',
      ...MONITORED,
    ]);
  });

  test('S0-07 only api-gateway reaches the internal LLM, on its HTTPS port', () => {
    expect(PROD.to('llm-serving/llm-internal')).toEqual([
      'api-gateway/api-gateway TCP 8443',
      'api-gateway/stranger TCP 8443',
      ...MONITORED,
    ]);
  });

  test('S0-08 monitoring reaches metrics and no other port, and nobody reaches monitoring', () => {
    const scraped = PROD.cluster.reached([PROMETHEUS], APPS);
    expect(scraped).toEqual([...SCRAPING, ...lines([PROMETHEUS], APPS, 'TCP 15020')].sort());
    expect(PROD.to('observability/prometheus')).toEqual(['observability/prometheus TCP 15020']);
  });

  test.each(['data-ingestion/data-ingestion', 'api-gateway/api-gateway'])(
    'S0-03 nothing but metrics is reached on %s',
    (target) => {
      expect(PROD.to(target)).toEqual(MONITORED);
    },
  );

  test('S0-09 every module denies everything in both layers', () => {
    const denying = (kind: string) =>
      documents(PROD.folder, kind).filter(({ metadata }) => metadata.name === 'default-deny');
    const homes = (kind: string) => denying(kind).map(({ metadata }) => metadata.namespace);
    expect(homes('NetworkPolicy').sort()).toEqual([...MODULES].sort());
    expect(homes('AuthorizationPolicy').sort()).toEqual([...MODULES].sort());
    for (const { spec } of denying('NetworkPolicy')) {
      expect(spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    }
    for (const { spec } of denying('AuthorizationPolicy')) expect(spec).toEqual({});
  });

  test('S0-10 all of data-prep reaches every pod of ml-platform on TCP 8080, nobody else does', () => {
    for (const target of ['ml-platform/platform-api', 'ml-platform/stranger']) {
      expect(PROD.to(target).filter((line) => !line.startsWith('observability/'))).toEqual([
        'data-prep/data-prep TCP 8080',
        'data-prep/stranger TCP 8080',
      ]);
    }
  });

  test('S0-02 every namespace carries the label of its module', () => {
    const labels = documents(PROD.folder, 'Namespace').map(({ metadata }) => [
      metadata.name,
      metadata.labels?.['practicus-module'],
    ]);
    expect(labels.sort()).toEqual(MODULES.map((name) => [name, name]).sort());
  });

  test('S0-27 data does not skip training, reports do not reach it', () => {
    const product = named('data-prep/data-prep', 'reporting/reporting', 'ml-training/trainer');
    const flow = PROD.cluster.reached(product, named('ml-training/trainer', 'llm-serving/llm-api'));
    expect(flow).toEqual([
      'data-prep/data-prep -> ml-training/trainer TCP 8080',
      'ml-training/trainer -> llm-serving/llm-api TCP 8080',
      'reporting/reporting -> llm-serving/llm-api TCP 8080',
    ]);
  });
});

describe('the mesh', () => {
  test('S0-11 S0-17 every pod accepts mutual TLS only, on every port', () => {
    const pods = OURS.map(({ end }) => end).filter(isPod);
    const modes = pods.flatMap((end) =>
      QUESTIONS.ports.map(([, port]) => PROD.cluster.mode(end, port)),
    );
    expect(new Set(modes)).toEqual(new Set(['STRICT']));
  });

  test('S0-11 S0-17 who goes around his proxy reaches nothing but the metrics of proxies', () => {
    const plain = PROD.cluster.reached([...OURS, ...OTHERS], OURS, { plaintext: true });
    expect(plain).toEqual([...PLUMBING].sort());
  });

  test('S0-12 S0-15 S0-18 jobs may predict, notebooks may look up models, others may do nothing', () => {
    for (const { name } of MODEL_API) {
      expect(PROD.to(name)).toEqual([
        'ml-jobs/job TCP 8080 POST /v1/predict',
        'ml-jobs/notebook TCP 8080 GET /v1/models',
        ...MONITORED,
      ]);
    }
  });

  test('S0-12 S0-16 the role is the service account: whoever has no other proof of it is nobody', () => {
    const impostors = [
      party('ml-jobs/notebook-as-job', { labels: { app: 'job' }, serviceAccount: 'notebook' }),
      party('ml-jobs/label-only', { labels: { app: 'job' }, serviceAccount: 'default' }),
      party('ml-jobs/account-only', { labels: {}, serviceAccount: 'job-runner' }),
      party('ml-jobs/no-proxy', { labels: { app: 'job' }, inMesh: false }),
      party('model-serving/job', { labels: { app: 'job' }, serviceAccount: 'job-runner' }),
    ];
    expect(PROD.cluster.reached(impostors, MODEL_API)).toEqual(
      lines(impostors.slice(0, 1), MODEL_API, 'TCP 8080 GET /v1/models'),
    );
  });

  test('S0-01 S0-20 each layer keeps workloads apart by itself, and the mesh narrows requests', () => {
    const pairs = (asking: Asking): string[] => {
      const told = PROD.between(asking).filter((line) => !/ (TCP 15020|UDP \d+)\b/.test(line));
      return [...new Set(told.map((line) => line.replace(/ (POST|GET) .*/, '')))];
    };
    const [network, mesh] = [pairs({ layer: 'NetworkPolicy' }), pairs({ layer: 'mesh' })];
    expect(network).toEqual(mesh);
    expect(network).toContain('ml-jobs/notebook -> model-serving/v1-stable TCP 8080');
    expect(PROD.between({ layer: 'NetworkPolicy' })).not.toContainEqual(
      expect.stringContaining('GET /v1/models'),
    );
  });
});

describe('environments', () => {
  const WITHIN = MODULES.flatMap((module) => lines(inside(module), inside(module), 'everything'));
  const BETWEEN = DECLARED.filter((line) => !isWithin(line));

  test('S0-05 S0-25 staging is what production is', () => {
    expect(new Written(Environment.STAGING).lines).toEqual(PROD.lines);
  });

  test('S0-05 S0-25 test adds what goes on inside a namespace, and no more', () => {
    expect(new Written(Environment.TEST).lines).toEqual([...BETWEEN, ...WITHIN, ...LEAVING].sort());
  });

  test('S0-05 S0-25 development adds the public internet to that, and no more', () => {
    const internet = OTHERS.filter(({ name }) => /^internet6?$/.test(name));
    expect(DEV.lines).toEqual(
      [...BETWEEN, ...WITHIN, ...LEAVING, ...lines(OURS, internet, 'everything')].sort(),
    );
  });

  test('S0-05 S0-17 development keeps mutual TLS', () => {
    const plain = DEV.cluster.reached([...OURS, ...OTHERS], OURS, { plaintext: true });
    const refused = plain.filter((line) => !/ (TCP 15020|UDP \d+)$/.test(line));
    expect(refused).toEqual([]);
  });

  test('S0-05 one description, the same modules in all of them', () => {
    expect(ENVIRONMENTS.map((one) => environmentNamed(one.name))).toEqual(ENVIRONMENTS);
    expect(Object.keys(DEV.files())).toEqual(Object.keys(PROD.files()));
    expect(() => environmentNamed('production')).toThrow('dev, test, staging, prod');
  });
});

describe('what is written', () => {
  test('S0-14 S0-22 one file a module, the same bytes every time', () => {
    expect(Object.keys(PROD.files()).sort()).toEqual(
      MODULES.map((one) => `${one}.k8s.yaml`).sort(),
    );
    expect(new Written(Environment.PROD).files()).toEqual(PROD.files());
  });

  test('S0-14 S0-21 every policy that allows something says which flows, and each flow why', () => {
    const allowing = ['NetworkPolicy', 'AuthorizationPolicy']
      .flatMap((kind) => documents(PROD.folder, kind))
      .filter(({ metadata }) => metadata.name !== 'default-deny');
    expect(allowing.length).toBeGreaterThan(4 * MODULES.length);
    for (const { metadata } of allowing) {
      const flows = metadata.annotations?.['cdk8s-ml-netpol/flows']?.split('\n') ?? [''];
      for (const flow of flows) expect(flow).toMatch(/^(from|to) .+: (TCP|UDP) \d+.*: \S/);
    }
  });

  test('S0-21 nothing is waived', () => {
    expect(readFileSync(join(PROD.folder, 'traffic-model.jsonl'), 'utf8')).not.toMatch(
      /"record":"waiver"/,
    );
  });

  test('S0-26 a further module touches its own file, those it talks to, and who scrapes it', () => {
    const before = PROD.files();
    const after = new Written(Environment.PROD, (platform) => {
      const embeddings = platform.module('embeddings').workload('embedder', {
        labels: { app: 'embedder' },
        serviceAccount: 'embedder',
      });
      const trainer = platform.node.findChild('ml-training').node.findChild('trainer') as Workload;
      trainer.allowFrom(embeddings, { ports: [Port.http(8080)], reason: 'embeddings are trained' });
    }).files();
    const changed = Object.keys(after).filter((file) => after[file] !== before[file]);
    expect(changed.sort()).toEqual([
      'embeddings.k8s.yaml',
      'ml-training.k8s.yaml',
      'observability.k8s.yaml',
    ]);
  });
});

/** Whether a line stays inside one namespace. */
function isWithin(line: string): boolean {
  const [, from, to] = /^([^/]+)\/\S+ -> ([^/]+)\//.exec(line) ?? [];
  return from === to;
}
