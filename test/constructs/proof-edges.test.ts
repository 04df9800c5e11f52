/** What the proof takes for declared though nobody declared it so, and what it leaves to the network. */
import type { ApiObject, Chart } from 'cdk8s';
import { JsonPatch } from 'cdk8s';
import {
  ClusterProfile,
  DefaultDeny,
  Http,
  Mesh,
  MlNamespace,
  Peer,
  Port,
  Workload,
} from '../../src';
import { chartOf, policy, problemsOf } from '../support/synth';

interface Served {
  readonly chart: Chart;
  readonly api: Workload;
  /** The policy `model-api-ingress`, once something is let in. */
  readonly ingress: () => ApiObject;
}

function served(profile: ClusterProfile, ports: readonly Port[]): Served {
  const chart = chartOf(profile);
  const namespace = new MlNamespace(chart, 'llm-serving');
  new DefaultDeny(chart, 'deny', { namespace });
  const labels = { app: 'model-api' };
  const api = new Workload(chart, 'model-api', { namespace, labels, ports: [...ports] });
  const ingress = (): ApiObject => namespace.node.findChild('model-api-ingress') as ApiObject;
  return { chart, api, ingress };
}

describe('what the profile forces wider', () => {
  const webhook = (profile: ClusterProfile): Served => {
    const made = served(profile, [Port.https(9443)]);
    made.api.allowFrom(Peer.kubeApiserver(), { reason: 'webhook' });
    return made;
  };
  const nobodyKnows = (): ClusterProfile => ClusterProfile.generic();

  test('is open for others, and no difference', () => {
    const { chart } = webhook(nobodyKnows());
    const { ingress } = policy(chart, 'model-api-ingress').spec as { ingress: object[] };
    expect(ingress).toEqual([{ ports: [{ port: 9443, protocol: 'TCP' }] }]);
    expect(problemsOf(chart)).toEqual([]);
  });

  test('is a difference where the profile forces nothing', () => {
    const addresses = ['192.0.2.10/32'];
    const { chart, ingress } = webhook(ClusterProfile.generic({ apiServer: { addresses } }));
    expect(problemsOf(chart)).toEqual([]);
    ingress().addJsonPatch(JsonPatch.remove('/spec/ingress/0/from'));
    expect(problemsOf(chart).join('\n')).toMatch(/TCP 9443.* is allowed/);
  });

  test('is wider in its ports alone', () => {
    const { chart, ingress } = webhook(nobodyKnows());
    ingress().addJsonPatch(JsonPatch.add('/spec/ingress/0/ports/-', { port: 22 }));
    expect(problemsOf(chart).join('\n')).toMatch(/TCP 22.* is allowed/);
  });
});

describe('UDP and SCTP in a mesh', () => {
  const telemetry = (): Served => {
    const ports = [Port.http(8080), Port.udp(4729), Port.sctp(3868)];
    const made = served(ClusterProfile.generic({ mesh: Mesh.sidecar() }), ports);
    const http = [Http.post('/v1/predict')];
    const jobs = Peer.namespace('ml-jobs');
    made.api.allowFrom(jobs, { ports: [Port.http(8080)], http, reason: 'scoring' });
    made.api.allowFrom(jobs, { ports: [Port.udp(4729), Port.sctp(3868)], reason: 'telemetry' });
    return made;
  };

  test('are compared without requests', () => {
    const { chart, ingress } = telemetry();
    expect(problemsOf(chart)).toEqual([]);
    const spec = policy(chart, 'model-api-ingress').spec as {
      ingress: { ports: { port: number }[] }[];
    };
    for (const [rule, { ports }] of spec.ingress.entries()) {
      for (const [at, { port }] of ports.entries()) {
        const path = `/spec/ingress/${String(rule)}/ports/${String(at)}/port`;
        if (port !== 8080 && port < 9000) ingress().addJsonPatch(JsonPatch.replace(path, port + 1));
      }
    }
    const problems = problemsOf(chart).join('\n');
    for (const port of ['UDP 4730', 'SCTP 3869'])
      expect(problems).toMatch(new RegExp(`${port}.* is allowed`));
    for (const port of ['UDP 4729', 'SCTP 3868'])
      expect(problems).toMatch(new RegExp(`${port}.* is denied`));
  });
});
