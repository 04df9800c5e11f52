/**
 * Every question that the naive evaluator's own tests ask, asked of the engine as well: the stories
 * below run with an evaluator that compares both.
 */
import type { MeshRequest, MeshWorld } from '../../naive/istio-world';
import type { Manifest } from '../../naive/load-yaml';
import { askSet, callerOf, engineRequest, policiesAt, sidecarOf } from './asking';
import { decideRequest } from '../../../src/engine/istio/decide';

jest.mock('../../naive/istio', () => {
  const naive = jest.requireActual('../../naive/istio');
  const meshAllows = (world: MeshWorld, request: MeshRequest, says = true): boolean => {
    const expected = naive.meshAllows(world, request, says);
    if (request.to.inMesh && (request.protocol ?? 'TCP') === 'TCP')
      compare(world, request, [says, expected]);
    return expected;
  };
  return { ...naive, meshAllows };
});

function compare(world: MeshWorld, request: MeshRequest, [says, expected]: [boolean, boolean]) {
  const named = (all: readonly unknown[], kind: string) =>
    all.map((one) => ({ ...(one as Manifest), kind, apiVersion: 'security.istio.io/v1' }));
  const manifests = [
    ...named(world.authorizations, 'AuthorizationPolicy'),
    ...named(world.peerAuthentications, 'PeerAuthentication'),
    ...named(world.requestAuthentications, 'RequestAuthentication'),
  ];
  const { to, port } = request;
  const at = { port, isHttp: to.httpPorts.includes(port) };
  const policies = policiesAt(manifests, sidecarOf(to, world.rootNamespace), at);
  // what a request does not tell is empty for the naive evaluator
  const asked = engineRequest({ method: '', path: '', host: '', ...request }, says);
  const caller = callerOf(request.from, request.plaintext);
  const identity = caller.identity && {
    ...(caller.identity as object),
    trustDomain: world.trustDomain,
  };
  const told = { ...asked, caller: { ...caller, identity } as typeof caller };
  const verdict = expected ? 'ALLOWED' : 'DENIED';
  const { missing, ...decision } = decideRequest(policies, told);
  const facts = missing.map(({ fact }) => fact);
  const addresses = told.caller.addresses.length === 0;
  // two policies without a date, or a caller without an address, leave open what is asked
  if (decision.verdict === 'UNKNOWN' && (facts.includes('policy-age') || addresses)) return;
  expect({ ...decision, verdict: decision.verdict }).toMatchObject({ verdict });
  expect(askSet(policies, told) ?? verdict).toBe(verdict);
}

// the stories, after the evaluator that they ask is replaced
import '../../naive/istio-authorization.test';
import '../../naive/istio-authentication.test';
