/** A server in two versions with sidecars, a client with one, and a client without. */

import type { MeshPod } from '../../naive/istio-world';
import type { MeshScene } from './mesh-cluster';
import type { MeshService } from './mesh-manifests';

export const PORT = 8080;

export const SERVER = serverAt('server', 'v1', '10.240.0.10');
const CANARY = serverAt('server-canary', 'v2', '10.240.0.13');

/** As they answer. */
export const SERVERS = [SERVER, CANARY].map(({ namespace, name }) => `${namespace}/${name}`);

export const CLIENT: MeshPod = {
  ...{ namespace: 'clients', name: 'client', serviceAccount: 'client', inMesh: true },
  ...{ labels: { app: 'client' }, httpPorts: [], ip: '10.240.0.11', ips: ['10.240.0.11'] },
};
export const PLAIN: MeshPod = {
  ...{ namespace: 'clients', name: 'plain', inMesh: false, httpPorts: [] },
  ...{ ip: '10.240.0.12', ips: ['10.240.0.12'] },
};

export const SERVICE: MeshService = {
  ...{ namespace: 'serving', name: 'server', clusterIP: '10.96.0.10', pods: [SERVER, CANARY] },
  ports: [{ name: 'http', port: PORT }],
};

/** Nothing that the mesh knows of. */
export const OUTSIDE_PORT = 80;
export const OUTSIDE: MeshPod = {
  ...{ namespace: 'outside', name: 'outside', inMesh: false, httpPorts: [] },
  ...{ ports: [{ containerPort: OUTSIDE_PORT }], ip: '10.240.0.14', ips: ['10.240.0.14'] },
};

const PODS = [SERVER, CANARY, CLIENT, PLAIN, OUTSIDE];

export const SCENE: MeshScene = { pods: PODS, services: [SERVICE] };

/** The client's way to the server. */
export const CALL = {
  from: CLIENT,
  to: `${SERVICE.clusterIP}:${String(PORT)}`,
  host: `server.serving.svc.cluster.local:${String(PORT)}`,
} as const;

function serverAt(name: string, version: string, ip: string): MeshPod {
  return {
    ...{ namespace: 'serving', name, serviceAccount: 'server', inMesh: true },
    ...{ labels: { app: 'server', version }, ports: [{ containerPort: PORT, name: 'http' }] },
    ...{ httpPorts: [PORT], ip, ips: [ip] },
  };
}
