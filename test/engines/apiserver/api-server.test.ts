import { describeEngine, needsGo, needsNetworkNamespaces, needsShared } from '../harness/needs';
import { Run } from '../harness/run';
import type { ApiServer } from './api-server';
import { startApiServer } from './api-server';
import { customResourceDefinitions } from './crds';

const policy = (spec: unknown) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'model-api', namespace: 'ml-serving' },
  spec,
});

describeEngine('kube-apiserver', [needsGo, needsShared], () => {
  const run = new Run();
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer(run);
    await server.client.applyCustomResourceDefinitions(customResourceDefinitions());
  });
  afterAll(() => run.end());

  test('takes a policy and refuses a broken one, in its own words', async () => {
    const { client } = server;
    expect(await client.dryRunApply(policy({ podSelector: {} }))).toMatchObject({ accepted: true });
    const broken = policy({ podSelector: {}, ingress: [{ ports: [{ port: 0 }] }] });
    for (const verdict of [await client.dryRunApply(broken), await client.dryRunCreate(broken)]) {
      expect(verdict).toMatchObject({
        accepted: false,
        message: expect.stringContaining('must be between 1 and 65535'),
      });
    }
    const unknown = policy({ podSelector: {}, ingres: [] });
    expect(await client.dryRunApply(unknown)).toMatchObject({ accepted: false });
    expect(await client.dryRunCreate(unknown)).toMatchObject({ accepted: false });
  });

  test('keeps nothing of a dry run', async () => {
    const path = await server.client.pathOf(policy({ podSelector: {} }));
    expect((await server.client.request('GET', path)).code).toBe(404);
  });

  test('knows the kinds of the CRDs', async () => {
    const mtls = (mode: string) => ({
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: 'default', namespace: 'ml-serving' },
      spec: { mtls: { mode } },
    });
    expect(await server.client.dryRunApply(mtls('STRICT'))).toMatchObject({ accepted: true });
    expect(await server.client.dryRunApply(mtls('SOMETIMES'))).toMatchObject({ accepted: false });
  });
});

describeEngine('kube-apiserver', [needsGo, needsNetworkNamespaces], () => {
  const run = new Run();
  afterAll(() => run.end());

  test('is asked through the border of the namespace that it runs in', async () => {
    const networkNamespace = await run.networkNamespace('node');
    const { client } = await startApiServer(run, { networkNamespace });
    expect(await client.dryRunApply(policy({ podSelector: {} }))).toMatchObject({ accepted: true });
  });
});
