import { containsPeer, implies } from '../../src/render/containment';
import { addNamespace, addWorkload, emptyModel } from '../../src/traffic/model';
import { Identity } from '../../src/values/identity';
import { Peer } from '../../src/traffic/peer';
import type { IPeer } from '../../src/values/peer';
import type { SelectorExpression } from '../../src/values/selector';

const model = emptyModel();
const by = 'test';
for (const [name, labels] of [
  ['ml-jobs', { team: 'ml' }],
  ['web', {}],
] as const) {
  addNamespace(model, { name, labels, ownership: 'ours', policySuffix: '', by });
}
for (const [name, app, serviceAccount] of [
  ['scorer', 'scorer', 'runner'],
  ['trainer', 'trainer', 'runner'],
  ['notebook', 'notebook', 'notebook'],
] as const) {
  const labels = { app };
  const workload = { namespace: 'ml-jobs', name, labels, podLabels: { app, tier: 'batch' } };
  addWorkload(model, { ...workload, serviceAccount, ports: [], services: [], by });
}

const workload = (name: string): IPeer => ({
  peerName: name,
  _peer: () => ({ kind: 'workload', namespace: 'ml-jobs', name }),
});
const pods = (labels: Record<string, string>): IPeer => Peer.pods({ namespace: 'ml-jobs', labels });
const jobs = Peer.namespace('ml-jobs');
const runner = Identity.serviceAccount('ml-jobs', 'runner');
const unknown = Identity.serviceAccount('web', 'anybody');
const teams = Peer.namespaces({ team: 'ml' });

const contains = (outer: IPeer, inner: IPeer): boolean =>
  containsPeer(model, outer._peer(), inner._peer());

it.each<[string, IPeer, IPeer]>([
  ['everybody, an address', Peer.any(), Peer.cidr('203.0.113.0/24')],
  ['everybody, a token', Peer.any(), Identity.jwtSubject('https://idp.test', 'alice')],
  ['a namespace, its workload', jobs, workload('scorer')],
  ['a namespace, pods of it', jobs, pods({ app: 'anything' })],
  ['a namespace, an account of it', jobs, runner],
  ['a namespace, an account of unknown pods', Peer.namespace('web'), unknown],
  ['labels, a workload that carries them', pods({ tier: 'batch' }), workload('scorer')],
  ['labels, all workloads of an account', pods({ tier: 'batch' }), runner],
  ['labels, more labels', pods({ app: 'scorer' }), pods({ app: 'scorer', tier: 'batch' })],
  ['an account, a workload that runs as it', runner, workload('scorer')],
  ['authenticated pods, an account', Identity.namespace('ml-jobs'), runner],
  ['labelled namespaces, one that carries the label', teams, jobs],
  ['a block, a part of it', Peer.cidr('10.0.0.0/8'), Peer.cidr('10.1.0.0/16')],
])('%s: contained', (_, outer, inner) => {
  expect(contains(outer, inner)).toBe(true);
});

it.each<[string, IPeer, IPeer]>([
  ['a workload, its namespace', workload('scorer'), jobs],
  ['a workload, an account that another one runs as too', workload('scorer'), runner],
  ['another namespace', Peer.namespace('web'), workload('scorer')],
  ['labels, a workload that is not known to carry them', pods({ stage: 'x' }), workload('scorer')],
  ['labels, fewer labels', pods({ app: 'scorer', tier: 'batch' }), pods({ app: 'scorer' })],
  [
    'labels, an account of unknown pods',
    Peer.pods({ namespace: 'web', labels: { a: 'b' } }),
    unknown,
  ],
  ['an account, a workload that runs as another', runner, workload('notebook')],
  ['an account, its namespace', runner, jobs],
  ['labelled namespaces, one without the label', teams, Peer.namespace('web')],
  ['labelled namespaces, one that nobody knows', teams, Peer.namespace('elsewhere')],
  ['a namespace, labelled namespaces', jobs, teams],
  [
    'a block with a hole, a part with the hole',
    Peer.cidr('10.0.0.0/8', { except: ['10.1.2.0/24'] }),
    Peer.cidr('10.1.0.0/16'),
  ],
  ['a block, pods', Peer.cidr('0.0.0.0/0'), jobs],
  ['pods, an address', jobs, Peer.cidr('10.0.0.1/32')],
])('%s: not contained', (_, outer, inner) => {
  expect(contains(outer, inner)).toBe(false);
});

describe('requirements that imply each other', () => {
  const selector = (expression: SelectorExpression) => ({
    matchLabels: {},
    matchExpressions: [expression],
  });
  const is = (operator: SelectorExpression['operator'], ...values: string[]) =>
    selector({ key: 'stage', operator, values });

  it.each([
    [is('In', 'a'), is('In', 'a', 'b'), true],
    [is('In', 'a', 'b'), is('In', 'a'), false],
    [is('In', 'a'), is('NotIn', 'b'), true],
    [is('In', 'a', 'b'), is('NotIn', 'b'), false],
    [is('In', 'a'), is('Exists'), true],
    [is('Exists'), is('In', 'a'), false],
    [is('DoesNotExist'), is('NotIn', 'a'), true],
    [is('NotIn', 'a', 'b'), is('NotIn', 'a'), true],
    [is('NotIn', 'a'), is('NotIn', 'a', 'b'), false],
    [is('NotIn', 'a'), is('Exists'), false],
  ])('%j -> %j: %s', (inner, outer, expected) => {
    expect(implies(inner, outer)).toBe(expected);
  });
});
