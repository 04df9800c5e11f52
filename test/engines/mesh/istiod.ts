/** Istio's control plane beside an API server, and the certificates that it would issue. */

import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ApiServer } from '../apiserver/api-server';
import { customResourceDefinitions } from '../apiserver/crds';
import type { Certificates } from '../envoy/certificates';
import { bridge } from '../harness/bridge';
import { built } from '../harness/build';
import type { Program } from '../harness/build';
import { output } from '../harness/output';
import { start } from '../harness/processes';
import type { Run } from '../harness/run';

const ISTIOD: Program = {
  module: 'istio',
  package: 'istio.io/istio/pilot/cmd/pilot-discovery',
  binary: 'pilot-discovery',
};
const SECRETS: Program = { module: 'istio', package: './cmd/secrets', binary: 'istio-secrets' };

/** Free on the node: nobody else listens in a network namespace of the run. */
const [HTTP, GRPC, MONITORING] = ['18081', '15010', '15014'];

const SETTINGS = {
  ...{ POD_NAME: 'istiod', POD_NAMESPACE: 'istio-system', SERVICE_ACCOUNT: 'istiod' },
  ...{ CLUSTER_ID: 'Kubernetes', PILOT_DEBOUNCE_AFTER: '50ms' },
  // filters that only Istio's own build of Envoy has, and that decide nothing
  ...{ PILOT_ENABLE_METADATA_EXCHANGE: 'false', PILOT_ENABLE_ALPN_FILTER: 'false' },
  // no webhooks, no certificates of its own, nobody to share the lead with
  ...{ INJECTION_WEBHOOK_CONFIG_NAME: '', VALIDATION_WEBHOOK_CONFIG_NAME: '' },
  ...{ ENABLE_CA_SERVER: 'false', PILOT_CERT_PROVIDER: 'none', ENABLE_LEADER_ELECTION: 'false' },
  ...{ PILOT_ENABLE_GATEWAY_API: 'false', PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: 'false' },
  PILOT_SKIP_VALIDATE_TRUST_DOMAIN: 'true',
};

const MESH = {
  trustDomain: 'cluster.local',
  rootNamespace: 'istio-system',
  enableAutoMtls: true,
  enablePrometheusMerge: false,
  // what network policy denies is silent, and stays so if it is tried again
  connectTimeout: '0.3s',
  defaultHttpRetryPolicy: { attempts: 0 },
};

/** Sockets, as Istio's agent gives them to a sidecar: they pass no network policy. */
export interface ControlPlane {
  readonly discovery: string;
  readonly secrets: string;
}

export async function startIstiod(
  run: Run,
  node: string,
  { client, kubeconfig }: Pick<ApiServer, 'client' | 'kubeconfig'>,
): Promise<string> {
  const definitions = customResourceDefinitions().filter((one) =>
    JSON.stringify(one['metadata']).includes('istio.io'),
  );
  await client.applyCustomResourceDefinitions(definitions);
  const metadata = { name: 'istio-system' };
  await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
  const mesh = path.join(run.folder, 'mesh.json');
  writeFileSync(mesh, JSON.stringify(MESH));
  const whetherReady = `fetch('http://127.0.0.1:${HTTP}/ready').then(({ ok }) => process.exit(ok ? 0 : 1))`;
  await start(run, {
    name: 'istiod',
    command: await built(ISTIOD),
    args: [
      ...['discovery', '--kubeconfig', kubeconfig, '--meshConfig', mesh],
      ...['--networksConfig', '/dev/null', '--secureGRPCAddr', '', '--httpsAddr', ''],
      ...['--httpAddr', `127.0.0.1:${HTTP}`, '--grpcAddr', `127.0.0.1:${GRPC}`],
      ...['--monitoringAddr', `127.0.0.1:${MONITORING}`, '--log_output_level', 'default:info'],
    ],
    env: SETTINGS,
    networkNamespace: node,
    ready: async () => {
      await output('ip', ['netns', 'exec', node, process.execPath, '-e', whetherReady]);
      return true;
    },
  });
  return bridge(run, { name: 'istiod', networkNamespace: node, port: GRPC });
}

/** Who asks gets the certificate of the account that it tells of. */
export async function startSecrets(run: Run, certificates: Certificates): Promise<string> {
  const file = path.join(run.folder, 'certificates.json');
  const socket = path.join(run.folder, 'secrets.sock');
  writeFileSync(file, JSON.stringify(certificates));
  await start(run, {
    name: 'secrets',
    command: await built(SECRETS),
    args: ['--certificates', file, '--socket', socket],
    ready: () => existsSync(socket),
  });
  return socket;
}
