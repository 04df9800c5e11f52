/**
 * Small models that once were written otherwise than declared, or look as if they might be. Each is
 * judged as random ones are (mesh.test.ts): synth refuses it, or what is written is exact.
 */

import type { Order } from '../support/mesh-build';
import { buildStory } from '../support/mesh-build';
import { Reading } from '../support/mesh-declared';
import { differencesOf, outcomeOf } from '../support/mesh-judge';
import type { Grant, HttpRule, MeshStory, Namespace, Peer, Workload } from '../support/mesh-story';
import { differenceText } from '../support/mesh-text';

const serving: Namespace = { name: 'serving', kind: 'ours', labels: {}, isolated: [] };
const jobs: Namespace = { name: 'jobs', kind: 'ours', labels: {}, isolated: [] };
const web: Namespace = { name: 'web', kind: 'foreign', labels: {}, mesh: true, isolated: [] };

const modelApi: Workload = {
  namespace: 'serving',
  name: 'model-api',
  labels: { app: 'model-api' },
  account: 'model-api',
  ports: [
    { port: 8080, kind: 'http', purpose: 'service' },
    { port: 9000, kind: 'grpc', purpose: 'metrics' },
  ],
};
const scorer: Workload = {
  namespace: 'jobs',
  name: 'scorer',
  labels: { app: 'scorer' },
  account: 'scorer',
  ports: [{ port: 8080, kind: 'http', purpose: 'service' }],
};
const notebook: Workload = { ...scorer, name: 'notebook', labels: { app: 'notebook' } };

const GET: HttpRule = { methods: ['GET'], paths: ['/v1/models'], hosts: [] };
const POST: HttpRule = { methods: ['POST'], paths: ['/v1/predict'], hosts: [] };
const TCP_8080 = [{ protocol: 'TCP', port: 8080 }] as const;
const TCP_9000 = [{ protocol: 'TCP', port: 9000 }] as const;

const pods = (workload: Workload): Peer => ({ kind: 'workload', workload });
const from = (peer: Peer, terms: Partial<Grant> = {}): Grant => ({
  ...{ say: 'allowFrom', from: peer, to: pods(modelApi), waived: false },
  ...terms,
});
const rule = (peer: Peer, terms: Partial<Grant> = {}): Grant =>
  from(peer, { say: 'L7AccessRule', ...terms });

function told(parts: Partial<MeshStory>): MeshStory {
  return {
    mesh: 'sidecar',
    withinNamespace: false,
    monitoring: false,
    namespaces: [serving, jobs, web],
    workloads: [modelApi, scorer],
    grants: [],
    denies: [{ namespace: 'serving', directions: ['ingress', 'egress'] }],
    mtls: [],
    tokens: [],
    ...parts,
  };
}

/** What differs; nothing where synth refuses. */
function wrong(parts: Partial<MeshStory>): string[] {
  const story = told(parts);
  const { codes, manifests } = outcomeOf(buildStory(story).app);
  if (codes.length > 0) return [];
  return differencesOf(new Reading(story), manifests, 2).differences.map(differenceText);
}

function refusals(parts: Partial<MeshStory>): readonly string[] {
  return outcomeOf(buildStory(told(parts)).app).codes;
}

const anonymous = (workload: Workload): Workload => ({ ...workload, account: undefined });
const tokens = {
  workload: modelApi,
  issuer: 'https://idp.test',
  audiences: [],
  claims: {},
  withoutToken: [],
};
const withToken = (claims: Record<string, string[]>, subjects: string[] = []): HttpRule => ({
  ...GET,
  jwt: { issuer: 'https://idp.test', subjects, audiences: [], claims },
});
const outside: Peer = { kind: 'cidr', cidr: '203.0.113.0/24' };
const unknownRunner: Peer = { kind: 'account', namespace: 'web', account: 'job-runner' };

describe('the harness', () => {
  test('finds an exact model exact', () => {
    const grants = [from(pods(scorer)), from({ kind: 'gateway' }, { http: [POST] })];
    expect(refusals({ grants })).toEqual([]);
    expect(wrong({ grants })).toEqual([]);
  });
});

describe('tokens', () => {
  test('are not forgotten where nothing requires them', () => {
    expect(wrong({ tokens: [tokens], denies: [], grants: [from(pods(scorer))] })).toEqual([]);
    expect(wrong({ tokens: [tokens], mesh: 'none', grants: [from(pods(scorer))] })).toEqual([]);
    const out = { ...modelApi, mesh: false };
    const grants = [from(pods(scorer), { to: pods(out) })];
    const parts = { workloads: [out, scorer], tokens: [{ ...tokens, workload: out }], grants };
    expect(wrong(parts)).toEqual([]);
  });

  test('must say what the workload and what the rule asks of one claim', () => {
    const asked = { ...tokens, claims: { groups: ['ml'] } };
    const grants = [from(pods(scorer), { http: [withToken({ groups: ['admin'] })] })];
    expect(wrong({ tokens: [asked], grants })).toEqual([]);
  });

  test('of a named subject must say what the rule asks as well', () => {
    const subject: Peer = { kind: 'subject', issuer: 'https://idp.test', subject: 'alice' };
    const grants = [from(subject, { http: [withToken({ tier: ['gold'] })] })];
    expect(wrong({ tokens: [tokens], grants })).toEqual([]);
    const other = [from(subject, { http: [withToken({}, ['bob'])] })];
    expect(wrong({ tokens: [tokens], grants: other })).toEqual([]);
  });

  test('of a subject with a slash pass', () => {
    const grants = [from(pods(scorer), { http: [withToken({}, ['team/alice'])] })];
    expect(wrong({ tokens: [tokens], grants })).toEqual([]);
  });

  test('are not asked of requests that need none, whatever patterns overlap', () => {
    for (const [granted, free] of [
      ['/v1/*', '*.json'],
      ['/v2/models/bert/ready', '/v2/models/{*}/ready'],
      ['/v2/{**}', '/v2/models/{*}/ready'],
    ] as const) {
      const open = { methods: ['GET'], paths: [free], hosts: [] };
      const http = [{ methods: [], paths: [granted], hosts: [] }];
      const parts = {
        tokens: [{ ...tokens, withoutToken: [open] }],
        grants: [from(pods(scorer), { http })],
      };
      expect(wrong(parts)).toEqual([]);
    }
  });

  test('are asked of a pod that a whole namespace grant reaches on a TCP port', () => {
    const bytes: Workload = {
      ...modelApi,
      ports: [{ port: 8080, kind: 'tcp', purpose: 'service' }],
    };
    const grants = [
      from(pods(scorer), {
        say: 'allowTo',
        to: { kind: 'namespace', namespace: 'serving' },
        ports: TCP_8080,
      }),
    ];
    expect(
      wrong({ workloads: [bytes, scorer], tokens: [{ ...tokens, workload: bytes }], grants }),
    ).toEqual([]);
  });
});

describe('hosts', () => {
  test('with a wildcard are met with a port as well', () => {
    const http = [{ methods: [], paths: [], hosts: ['*.models.test'] }];
    expect(wrong({ grants: [from(pods(scorer), { http })] })).toEqual([]);
  });
});

describe('mutual TLS', () => {
  const mtls = [{ namespace: 'serving' }];
  const out: Workload = { ...scorer, mesh: false };

  test('lets declared plaintext callers through where nothing isolates', () => {
    expect(
      wrong({ workloads: [modelApi, out], denies: [], mtls, grants: [from(pods(out))] }),
    ).toEqual([]);
  });

  test('lets them use all ports that they were granted', () => {
    for (const ports of ['all', [{ protocol: 'TCP', port: 8000, endPort: 8500 }]] as const) {
      const grants = [from(pods(out), { ports })];
      expect(wrong({ workloads: [modelApi, out], mtls, grants })).toEqual([]);
    }
  });

  test('lets them reach pods that are no workload', () => {
    const to: Peer = { kind: 'namespace', namespace: 'serving' };
    const grants = [from(pods(out), { say: 'allowTo', to, ports: TCP_8080 })];
    expect(wrong({ workloads: [modelApi, out], mtls, grants })).toEqual([]);
  });

  test('opens no port of a workload that they may not reach', () => {
    const to: Peer = { kind: 'pods', namespace: 'serving', labels: { role: 'frontend' } };
    const front = { ...modelApi, name: 'front', labels: { app: 'front', role: 'frontend' } };
    const grants = [from(pods(out), { say: 'allowTo', to, ports: TCP_8080 })];
    const strict = [{ namespace: 'serving', workload: modelApi }];
    expect(refusals({ workloads: [modelApi, front, out], mtls: strict, grants })).toEqual([]);
    expect(wrong({ workloads: [modelApi, front, out], mtls: strict, grants })).toEqual([]);
    // nor does anybody have to say whether they take part
    const unknown = [from({ kind: 'all-pods' }, { say: 'ModuleIngress', to, ports: TCP_8080 })];
    expect(refusals({ workloads: [modelApi, front], mtls: strict, grants: unknown })).toEqual([]);
  });
});

describe('a grant from many pods', () => {
  test('holds for those of them that stay outside the mesh', () => {
    const out: Workload = { ...scorer, mesh: false };
    const grants = [from({ kind: 'namespace', namespace: 'jobs' })];
    expect(wrong({ workloads: [modelApi, out], grants })).toEqual([]);
  });
});

describe('identities', () => {
  test('do not open UDP, which no proxy sees', () => {
    const udp = [{ protocol: 'UDP', port: 8125 }] as const;
    expect(wrong({ grants: [from(unknownRunner, { ports: udp })] })).toEqual([]);
    expect(wrong({ grants: [from(unknownRunner, { ports: 'all' })] })).toEqual([]);
    expect(wrong({ grants: [from(pods(scorer), { ports: udp, http: [GET] })] })).toEqual([]);
  });

  test('of unknown pods do not open the port to their whole namespace by somebody else’s rule', () => {
    expect(wrong({ grants: [from(unknownRunner), from(outside)] })).toEqual([]);
    const group: Peer = { kind: 'pods', namespace: 'web', labels: { job: 'batch' } };
    expect(wrong({ grants: [from(unknownRunner), from(group)] })).toEqual([]);
  });

  test('are held by all pods of a namespace that is granted to, or refused', () => {
    const out: Workload = { ...modelApi, name: 'batch', labels: { app: 'batch' }, mesh: false };
    const to: Peer = { kind: 'namespace', namespace: 'serving' };
    const grants = [from(unknownRunner, { say: 'ModuleIngress', to, ports: TCP_8080 })];
    expect(wrong({ workloads: [modelApi, out], grants })).toEqual([]);
  });

  test('of others’ namespaces get their egress where we isolate it, or are refused', () => {
    const existing: Namespace = { ...jobs, kind: 'existing' };
    const denies = told({}).denies.concat({ namespace: 'jobs', directions: ['egress'] });
    const grants = [from({ kind: 'account', namespace: 'jobs', account: 'job-runner' })];
    expect(
      wrong({ namespaces: [serving, existing, web], workloads: [modelApi], denies, grants }),
    ).toEqual([]);
  });
});

describe('callers that the mesh cannot tell apart', () => {
  test('gain nothing by a grant to whoever may connect', () => {
    const labelled: Peer = { kind: 'pods', namespace: 'jobs', labels: { job: 'batch' } };
    const any: Peer = { kind: 'any' };
    expect(wrong({ grants: [from(labelled), from(any, { http: [GET] })] })).toEqual([]);
    expect(wrong({ grants: [from(labelled), rule(any, { http: [GET] })] })).toEqual([]);
    const subject: Peer = { kind: 'subject', issuer: 'https://idp.test', subject: 'alice' };
    const free = { ...tokens, withoutToken: [GET] };
    expect(
      wrong({ tokens: [free], grants: [from(labelled, { http: [GET] }), from(subject)] }),
    ).toEqual([]);
    expect(
      wrong({
        grants: [from(labelled), from({ kind: 'cidr', cidr: '10.0.0.0/8' }, { http: [GET] })],
      }),
    ).toEqual([]);
  });

  test('gain nothing on one port by what they may do on another', () => {
    const out: Workload = { ...notebook, mesh: false };
    const grants = [
      from(pods(out), { ports: TCP_8080 }),
      from(pods(scorer), { ports: TCP_8080, http: [GET] }),
      from(pods(scorer), { ports: TCP_9000 }),
    ];
    expect(wrong({ workloads: [modelApi, scorer, out], grants })).toEqual([]);
  });

  test('gain nothing in a namespace outside the mesh by what some of its pods inside may do', () => {
    const outer: Namespace = { ...web, mesh: false };
    const namespaces = [serving, jobs, outer];
    const inside: Peer = { kind: 'pods', namespace: 'web', labels: { job: 'batch' }, mesh: true };
    const whole = from({ kind: 'namespace', namespace: 'web' }, { http: [GET] });
    for (const other of [from(unknownRunner), whole]) {
      const parts = { namespaces, grants: [from(inside), other] };
      expect(refusals(parts)).toContain('shared-identity');
      expect(wrong(parts)).toEqual([]);
    }
  });

  test('gain nothing by a grant to the whole namespace of the callee', () => {
    const labelled: Peer = { kind: 'pods', namespace: 'jobs', labels: { job: 'batch' } };
    const to: Peer = { kind: 'namespace', namespace: 'serving' };
    const grants = [
      from(labelled, { say: 'ModuleIngress', to, ports: TCP_8080 }),
      from(pods(scorer), { http: [GET] }),
    ];
    expect(wrong({ grants })).toEqual([]);
  });
});

describe('an L7AccessRule', () => {
  const namespace = from({ kind: 'namespace', namespace: 'jobs' });

  test('for pods without an account does not leave the narrowed grant’s pods in', () => {
    const workloads = [modelApi, anonymous(scorer), anonymous(notebook)];
    expect(
      wrong({
        workloads,
        grants: [namespace, rule(pods(workloads[1] as Workload), { http: [GET] })],
      }),
    ).toEqual([]);
    expect(wrong({ workloads, grants: [namespace, rule(pods(workloads[1] as Workload))] })).toEqual(
      [],
    );
  });

  test('narrows where there is no mesh, or is refused', () => {
    expect(
      wrong({
        mesh: 'none',
        workloads: [modelApi, scorer, notebook],
        grants: [namespace, rule(pods(scorer))],
      }),
    ).toEqual([]);
  });

  test('narrows all ports', () => {
    const all = { ...namespace, ports: 'all' } as const;
    const account: Peer = { kind: 'account', namespace: 'jobs', account: 'scorer' };
    for (const ports of ['all', [{ protocol: 'TCP', port: 8000, endPort: 8500 }]] as const) {
      expect(wrong({ grants: [all, rule(account, { ports })] })).toEqual([]);
    }
  });

  test('narrows every grant whose peer contains its caller, by labels, accounts and addresses', () => {
    const exact = (...grants: Grant[]): void => {
      expect(refusals({ grants })).toEqual([]);
      expect(wrong({ grants })).toEqual([]);
    };
    const account: Peer = { kind: 'account', namespace: 'jobs', account: 'scorer' };
    exact(from(account), rule(pods(scorer), { http: [GET] }));
    const batch: Peer = { kind: 'pods', namespace: 'web', labels: { job: 'batch' } };
    const labels = { job: 'batch', run: 'nightly' };
    const nightly: Peer = { kind: 'pods', namespace: 'web', labels, account: 'nightly' };
    exact(from(batch), rule(nightly, { http: [GET] }));
    const one: Peer = { kind: 'cidr', cidr: '203.0.113.7/32' };
    // both are addresses without identity: nothing tells the one from the others
    expect(wrong({ grants: [from(outside), rule(one, { http: [GET] })] })).toEqual([]);
  });

  test('does not narrow a grant to some of its callers', () => {
    const front: Workload = { ...scorer, labels: { app: 'scorer', role: 'frontend' } };
    const frontends: Peer = { kind: 'pods', namespace: 'jobs', labels: { role: 'frontend' } };
    expect(
      wrong({
        workloads: [modelApi, front],
        grants: [from(pods(front)), rule(frontends, { http: [GET] })],
      }),
    ).toEqual([]);
  });
});

describe('in ambient', () => {
  const self = from(pods(modelApi));
  const range = [{ protocol: 'TCP', port: 8000, endPort: 8500 }] as const;

  test('more ports than a rule lists are not every port', () => {
    for (const peer of [unknownRunner, pods(scorer), { kind: 'any' }] as const) {
      const grants = [from(peer, { ports: range }), self];
      expect(refusals({ mesh: 'ambient', grants })).toContain('ports-unlisted');
      expect(refusals({ mesh: 'sidecar', grants })).toEqual([]);
      expect(wrong({ mesh: 'sidecar', grants })).toEqual([]);
    }
  });

  test('callers from outside the mesh may have a range, which NetworkPolicy holds', () => {
    const out: Workload = { ...scorer, mesh: false };
    const grants = [from(pods(out), { ports: range })];
    expect(refusals({ mesh: 'ambient', workloads: [modelApi, out], grants })).toEqual([]);
    expect(wrong({ mesh: 'ambient', workloads: [modelApi, out], grants })).toEqual([]);
  });

  test('few ports and all but few are listed', () => {
    for (const ports of [[{ protocol: 'TCP', port: 8000, endPort: 8255 }], 'all'] as const) {
      const grants = [from(pods(scorer), { ports }), self];
      expect(refusals({ mesh: 'ambient', grants })).toEqual([]);
      expect(wrong({ mesh: 'ambient', grants })).toEqual([]);
    }
  });

  test('callers whose ports a callee holds are written in the same order, however declared', () => {
    const second: Workload = { ...notebook, account: 'notebook' };
    const grants = [from({ kind: 'namespace', namespace: 'jobs' })];
    const denies = [{ namespace: 'jobs', directions: ['egress'] as const }];
    const story = told({ mesh: 'ambient', workloads: [modelApi, scorer, second], grants, denies });
    const objects = [false, true].map((reversed) => {
      const order: Order = (items) => (reversed ? [...items].reverse() : items);
      const { manifests } = outcomeOf(buildStory(story, { order }).app);
      return manifests.filter(({ metadata }) => metadata.name === 'model-api-ports-of-callers');
    });
    expect(objects[0]).toHaveLength(1);
    expect(objects[1]).toEqual(objects[0]);
  });

  test('strangers gain nothing at a waypoint that is open for somebody else behind it', () => {
    const store: Workload = { ...modelApi, name: 'store', labels: { app: 'store' } };
    const parts = {
      mesh: 'ambient',
      workloads: [modelApi, store],
      namespaces: [serving, jobs],
      grants: [
        from(
          { kind: 'pods', namespace: 'jobs', labels: { role: 'frontend' } },
          { ports: TCP_8080 },
        ),
        rule(pods(modelApi), { ports: TCP_8080, http: [GET] }),
      ],
      denies: [],
    } as const;
    expect(refusals(parts)).toContain('shared-identity');
    expect(wrong(parts)).toEqual([]);
  });

  test('a waived limit holds nobody back where no waypoint can be', () => {
    const existing: Namespace = { ...jobs, kind: 'existing' };
    const store = anonymous({ ...scorer, name: 'store', labels: { app: 'store' } });
    const grants = [rule(pods(modelApi), { to: pods(store), http: [GET], waived: true })];
    const namespaces = [serving, existing, web];
    const parts = { mesh: 'ambient', workloads: [modelApi, store], namespaces, grants } as const;
    expect(refusals(parts)).toEqual([]);
    expect(wrong(parts)).toEqual([]);
  });
});

describe('refusals', () => {
  test('do not blame a grant to other pods of the namespace', () => {
    const to: Peer = { kind: 'pods', namespace: 'serving', labels: { role: 'frontend' } };
    const grants = [from(pods(scorer), { say: 'allowTo', to, ports: TCP_8080 })];
    expect(refusals({ tokens: [tokens], grants })).toEqual([]);
  });

  test('do not ask for isolation that the grant itself brings', () => {
    const to: Peer = { kind: 'pods', namespace: 'jobs', labels: { role: 'frontend' } };
    const account: Peer = { kind: 'account', namespace: 'serving', account: 'model-api' };
    const grants = [from(account, { say: 'ModuleIngress', to, ports: TCP_8080 })];
    expect(refusals({ grants })).toEqual([]);
    expect(wrong({ grants })).toEqual([]);
  });
});
