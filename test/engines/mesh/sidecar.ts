/** A pod's sidecar: Envoy in its network namespace, before which the kernel brings what comes and goes. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../../../src/read/resource';
import type { MeshPod } from '../../naive/istio-world';
import { envoyBinary } from '../envoy/package';
import { output } from '../harness/output';
import { start } from '../harness/processes';
import type { Run } from '../harness/run';
import type { ControlPlane } from './istiod';

/** Group of the proxy: what it sends itself is not brought back to it, as Istio does. */
const PROXY = '1337';

/** As istio-init writes them. */
const REDIRECTION = [
  'OUTPUT -s 127.0.0.6/32 -o lo -j RETURN',
  `OUTPUT -m owner --gid-owner ${PROXY} -j RETURN`,
  'OUTPUT -o lo -j RETURN',
  'OUTPUT -d 127.0.0.1/32 -j RETURN',
  'OUTPUT -p tcp -j REDIRECT --to-ports 15001',
  'PREROUTING -p tcp -j REDIRECT --to-ports 15006',
];

const TYPES = 'type.googleapis.com/envoy.extensions';

export async function startSidecar(
  run: Run,
  pod: MeshPod,
  { networkNamespace, plane }: { readonly networkNamespace: string; readonly plane: ControlPlane },
): Promise<void> {
  const rules = ['*nat', ...REDIRECTION.map((rule) => `-A ${rule}`), 'COMMIT', ''].join('\n');
  const restore = ['netns', 'exec', networkNamespace, 'iptables-nft-restore'];
  await output('ip', restore, { input: rules });
  const name = `sidecar-${pod.namespace}-${pod.name}`;
  const file = path.join(run.folder, `${name}.json`);
  const socket = path.join(run.folder, `${name}.sock`);
  writeFileSync(file, JSON.stringify(bootstrap(pod, plane, socket)));
  await start(run, {
    name,
    command: 'setpriv',
    args: [
      ...[`--regid=${PROXY}`, '--clear-groups', envoyBinary(), '-c', file, '--concurrency', '1'],
      ...['--disable-hot-restart', '--log-level', 'warning'],
      // connections that a change outdates end with it
      ...['--drain-time-s', '1', '--drain-strategy', 'immediate'],
    ],
    networkNamespace,
    // once both listeners have come from istiod, and the certificates that they wait for
    ready: async () => {
      const path = 'http://admin/ready';
      return (await output('curl', ['-s', '--unix-socket', socket, path])).trim() === 'LIVE';
    },
  });
}

function bootstrap(pod: MeshPod, plane: ControlPlane, admin: string): JsonObject {
  return {
    node: nodeOf(pod),
    admin: { address: { pipe: { path: admin } } },
    bootstrap_extensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typed_config: {
          '@type': `${TYPES}.bootstrap.internal_listener.v3.InternalListener`,
        },
      },
    ],
    dynamic_resources: {
      lds_config: ADS,
      cds_config: ADS,
      ads_config: {
        ...{ api_type: 'GRPC', transport_api_version: 'V3', set_node_on_first_message_only: true },
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }],
      },
    },
    static_resources: {
      clusters: [reached('xds-grpc', plane.discovery), reached('sds-grpc', plane.secrets)],
    },
  };
}

const ADS = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' };

/** What Istio's agent tells istiod of a pod. */
function nodeOf({ namespace, name, serviceAccount = 'default', labels, ip }: MeshPod): JsonObject {
  const [address, app] = [ip ?? '', labels?.['app'] ?? name];
  return {
    id: `sidecar~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`,
    cluster: `${app}.${namespace}`,
    metadata: {
      ...{ NAMESPACE: namespace, NAME: name, SERVICE_ACCOUNT: serviceAccount },
      ...{ CLUSTER_ID: 'Kubernetes', ISTIO_VERSION: '1.31.0', MESH_ID: 'cluster.local' },
      ...{ INTERCEPTION_MODE: 'REDIRECT', INSTANCE_IPS: address, LABELS: labels ?? {} },
      PROXY_CONFIG: { statusPort: 15021 },
    },
  };
}

function reached(name: string, socket: string): JsonObject {
  const endpoint = { address: { pipe: { path: socket } } };
  return {
    ...{ name, type: 'STATIC', connect_timeout: '1s' },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': `${TYPES}.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}
