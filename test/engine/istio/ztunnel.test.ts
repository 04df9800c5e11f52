/** What ztunnel makes of a rule, where a sidecar makes something else of it. */
import { compileAuthorization } from '../../../src/engine/istio/authorization';
import { decideDirectly } from '../../../src/engine/istio/ambient';
import { effectiveMtls } from '../../../src/engine/istio/peer-authentication';
import type { MeshRule } from '../../naive/istio-world';
import {
  allowing,
  authorization,
  bert,
  denying,
  modelApi,
  notebook,
  operation,
  peerAuthentication,
  prometheus,
  source,
} from '../../naive/istio-story';
import type { Manifest } from '../../naive/load-yaml';
import { callerOf, policiesAt } from './asking';
import { istioFacts } from './facts';

const pod = {
  proxy: 'ztunnel',
  namespace: 'llm-serving',
  labels: modelApi.labels ?? {},
  rootNamespace: 'istio-system',
} as const;

function passes(manifests: Manifest | Manifest[], from = bert, port = 8080): boolean {
  const ztunnel = policiesAt([manifests].flat(), pod, { port, isHttp: true });
  const { verdict } = decideDirectly({ ztunnel }, { caller: callerOf(from) });
  expect(verdict).not.toBe('UNKNOWN');
  return verdict === 'ALLOWED';
}

const byBert = { principals: ['*/sa/bert'] };
const get = { methods: ['GET'] };
const both = (from: Record<string, string[]>, to: Record<string, string[]>): MeshRule => ({
  ...source(from),
  ...operation(to),
});

describe('at ztunnel', () => {
  test('ZT-01 CUSTOM, AUDIT and dry runs decide nothing', () => {
    const opa = { name: 'opa' };
    expect(passes(authorization({ action: 'CUSTOM', provider: opa, rules: [{}] }))).toBe(true);
    expect(passes(authorization({ action: 'AUDIT', rules: [{}] }))).toBe(true);
    const annotations = { 'istio.io/dry-run': 'true' };
    expect(passes(authorization({ action: 'DENY', rules: [{}] }, { annotations }))).toBe(true);
  });

  test('ZT-04 an ALLOW rule with HTTP fields is dropped, and everything denied if it was alone', () => {
    expect(passes(allowing(both(byBert, get)))).toBe(false);
    expect(passes(allowing(both(byBert, get), source(byBert)))).toBe(true);
    expect(passes(allowing(source({ remoteIpBlocks: ['10.0.0.0/8'] })))).toBe(false);
    const when = [{ key: 'source.serviceAccount', values: ['ml-training/bert'] }];
    expect(passes(allowing({ when }))).toBe(false);
    expect(passes(allowing(source({ serviceAccounts: ['ml-training/bert'] })))).toBe(true);
  });

  test('ZT-05 a DENY rule by principal and method denies nobody', () => {
    expect(passes(denying(both(byBert, get)))).toBe(true);
    expect(passes(denying(operation(get)))).toBe(true);
    expect(passes(denying({ when: [{ key: 'request.headers[x]', values: ['a'] }] }))).toBe(true);
  });

  test('ZT-05 a DENY rule by port and method denies the port', () => {
    const rule = operation({ ...get, ports: ['8080'] });
    expect(passes(denying(rule))).toBe(false);
    expect(passes(denying(rule), bert, 9000)).toBe(true);
    const oneOfTwo = { to: [{ operation: get }, { operation: { ports: ['9000'] } }] };
    expect(passes(denying(oneOfTwo))).toBe(true);
    expect(passes(denying(oneOfTwo), bert, 9000)).toBe(false);
  });

  test('ZT-06 trust domains are ignored: alone nothing matches, beside principals they vanish', () => {
    expect(passes(allowing(source({ trustDomains: ['cluster.local'] })))).toBe(false);
    expect(passes(denying(source({ trustDomains: ['*'] })))).toBe(true);
    expect(passes(allowing(source({ ...byBert, trustDomains: ['other'] })))).toBe(true);
  });

  test('ZT-07 nobody is denied without policies, and only the listed pass with an ALLOW', () => {
    expect(passes([])).toBe(true);
    expect(passes(allowing(source(byBert)))).toBe(true);
    expect(passes(allowing(source(byBert)), notebook)).toBe(false);
    expect(passes(allowing({}))).toBe(true);
    expect(passes(denying({}))).toBe(false);
  });

  test('ZT-08 what comes through a waypoint is the waypoint, and direct traffic is the client', () => {
    const waypoint = { ...bert, namespace: 'llm-serving', serviceAccount: 'waypoint' };
    const policy = allowing(source({ serviceAccounts: ['llm-serving/waypoint'] }));
    expect(passes(policy, waypoint)).toBe(true);
    expect(passes(policy)).toBe(false);
  });

  test('1.2 policies with targetRefs are never sent to it', () => {
    const targetRefs = [{ kind: 'Service', group: '', name: 'model-api' }];
    expect(passes(authorization({ targetRefs }))).toBe(true);
  });

  test('PA-06 DISABLE takes certificates, STRICT refuses callers without', () => {
    const mode = (mtls: string) => peerAuthentication({ mtls: { mode: mtls } });
    expect(effectiveMtls([istioFacts(mode('DISABLE'))], pod, 8080).modes).toEqual(['PERMISSIVE']);
    expect(passes([mode('DISABLE'), allowing(source(byBert))])).toBe(true);
    expect(passes(mode('STRICT'), prometheus)).toBe(false);
    expect(passes(mode('STRICT'))).toBe(true);
  });

  test('what is dropped is said', () => {
    const policies = [allowing(both(byBert, get)), denying(both(byBert, get))];
    const { dropped } = compileAuthorization(
      policies.map((one) => istioFacts(one)),
      pod,
    );
    expect(dropped.map(({ index, why }) => [index, why])).toEqual([
      [0, 'an ALLOW rule with methods, which ztunnel does not see'],
      [0, 'nothing is left of a part of it without methods'],
    ]);
  });
});
