import * as fc from 'fast-check';
import { egressOf, knowsService, letsOut } from '../../../src/engine/istio/egress';
import type { EgressAttempt } from '../../../src/engine/istio/egress';
import * as naive from '../../naive/istio-egress';
import type { Manifest } from '../../naive/load-yaml';
import { istioFacts } from './facts';

const ROOT = 'istio-system';
const caller = { namespace: 'ml-training', labels: { app: 'bert' } };

function networking(kind: string, name: string, namespace: string, spec: unknown): Manifest {
  return { apiVersion: 'networking.istio.io/v1', kind, metadata: { name, namespace }, spec };
}

const limited = { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } };
const hub = networking('ServiceEntry', 'hub', 'ml-training', {
  hosts: ['huggingface.co', '*.hf.co'],
  ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
  resolution: 'NONE',
  exportTo: ['.'],
});
const download: EgressAttempt = { host: 'huggingface.co', port: 443, speaks: 'tls' };

const view = (...manifests: Manifest[]) =>
  egressOf(
    manifests.map((one) => istioFacts(one)),
    caller,
    ROOT,
  );

describe('a sidecar', () => {
  test('lets everything out where no Sidecar limits it', () => {
    expect(letsOut(view(hub), download).outcome).toBe('anything');
    const open = networking('Sidecar', 'default', 'ml-training', { egress: [{ hosts: ['./*'] }] });
    expect(letsOut(view(open), download).outcome).toBe('anything');
  });

  test('lets out what the registry knows under REGISTRY_ONLY', () => {
    const only = networking('Sidecar', 'default', 'ml-training', limited);
    expect(letsOut(view(only, hub), download)).toMatchObject({ outcome: 'by name' });
    expect(letsOut(view(only, hub), { ...download, host: 'cdn.hf.co' }).outcome).toBe('by name');
    expect(letsOut(view(only, hub), { ...download, host: 'evil.test' }).outcome).toBe('blocked');
    expect(letsOut(view(only, hub), { ...download, speaks: 'http' }).outcome).toBe('blocked');
  });

  test('is limited by an outboundTrafficPolicy without a mode, and not by one that is null', () => {
    const of = (outboundTrafficPolicy: Record<string, string> | null) =>
      view(
        networking('Sidecar', 'default', 'ml-training', {
          egress: [{ hosts: ['./*'] }],
          outboundTrafficPolicy,
        }),
      ).isLimited;
    expect(of({})).toBe(true);
    expect(of({ mode: 'ALLOW_ANY' })).toBe(false);
    expect(of(null)).toBe(false);
  });

  test('obeys the Sidecar of its workload before that of its namespace, and that of the mesh last', () => {
    const own = networking('Sidecar', 'bert', 'ml-training', {
      workloadSelector: { labels: { app: 'bert' } },
    });
    const whole = networking('Sidecar', 'default', 'ml-training', limited);
    const mesh = networking('Sidecar', 'default', ROOT, limited);
    expect(view(own, whole, mesh).sidecar?.name).toBe('bert');
    expect(view(whole).isLimited).toBe(true);
    expect(view(mesh)).toMatchObject({ isLimited: true, sidecar: { namespace: ROOT } });
  });

  test('is not known to be limited by which of two Sidecars', () => {
    const two = ['a', 'b'].map((name) => networking('Sidecar', name, 'ml-training', limited));
    expect(letsOut(view(...two), download).outcome).toBe('unknown');
    expect(view(...two).missing.map(({ fact }) => fact)).toEqual(['conflicting-sidecars']);
  });

  test('knows a Service only if its Sidecar imports it', () => {
    const narrow = networking('Sidecar', 'default', 'ml-training', {
      egress: [{ hosts: ['./*', 'mlflow/mlflow.mlflow.svc.cluster.local'] }],
    });
    const knows = (namespace: string, host: string) => knowsService(view(narrow), namespace, host);
    expect(knows('mlflow', 'mlflow.mlflow.svc.cluster.local')).toBe(true);
    expect(knows('mlflow', 'db.mlflow.svc.cluster.local')).toBe(false);
    expect(knows('ml-training', 'bert.ml-training.svc.cluster.local')).toBe(true);
  });
});

const namespace = fc.constantFrom('ml-training', 'mlflow');
const entry = fc.record({
  namespace,
  hosts: fc.subarray(['huggingface.co', '*.hf.co', 'a.b.hf.co', 'db.test'], { minLength: 1 }),
  addresses: fc.constantFrom(undefined, undefined, ['203.0.113.0/24'], ['2001:db8::/32']),
  protocol: fc.constantFrom('TLS', 'HTTP', 'GRPC', 'TCP'),
  number: fc.constantFrom(443, 80),
  resolution: fc.constantFrom('NONE', 'DNS', 'STATIC'),
  exportTo: fc.constantFrom(['.'], ['*'], ['ml-training'], ['mlflow']),
});
const sidecar = fc.record({
  namespace,
  selects: fc.constantFrom(undefined, { app: 'bert' }, { app: 'other' }),
  mode: fc.constantFrom('REGISTRY_ONLY', 'REGISTRY_ONLY', 'REGISTRY_ONLY', 'ALLOW_ANY'),
  hosts: fc.constantFrom(undefined, undefined, ['./*'], ['*/*.hf.co', 'mlflow/*'], ['~/*']),
});
const attempt: fc.Arbitrary<EgressAttempt> = fc.record({
  host: fc.constantFrom('huggingface.co', 'x.hf.co', 'a.b.hf.co', 'hf.co', 'db.test'),
  address: fc.constantFrom(undefined, '203.0.113.9', '2001:db8::9', '198.51.100.1'),
  port: fc.constantFrom(443, 80),
  speaks: fc.constantFrom('tls', 'http', 'tcp'),
});

test('lets out what the naive evaluator lets out', () => {
  const outcomes = new Map<string, number>();
  const world = fc.tuple(fc.array(entry, { maxLength: 4 }), fc.array(sidecar, { maxLength: 2 }));
  fc.assert(
    fc.property(world, attempt, ([entries, sidecars], one) => {
      const manifests = [
        ...entries.map(({ namespace: home, number, protocol, ...spec }, index) =>
          networking('ServiceEntry', `e${index}`, home, { ...spec, ports: [{ number, protocol }] }),
        ),
        ...sidecars.map(({ namespace: home, selects, mode, hosts }, index) =>
          networking('Sidecar', `s${index}`, home, {
            outboundTrafficPolicy: { mode },
            ...(selects && { workloadSelector: { labels: selects } }),
            ...(hosts && { egress: [{ hosts }] }),
          }),
        ),
      ];
      const { outcome } = letsOut(view(...manifests), one);
      const { address: ip, ...asked } = one;
      let expected: string;
      try {
        expected = naive.letsOut(manifests, caller, { ...asked, ip });
      } catch {
        expected = 'unknown';
      }
      // a Sidecar that selects hides a conflict among those that do not
      if (expected !== 'unknown') expect(outcome).toBe(expected);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }),
    { numRuns: 3000, seed: 20260103 },
  );
  expect([...outcomes.keys()].sort()).toEqual([
    'anything',
    'blocked',
    'by address',
    'by name',
    'unknown',
  ]);
});
