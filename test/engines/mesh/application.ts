/** What runs in a pod: it answers every request with the pod's name. */

import { start } from '../harness/processes';
import type { Run } from '../harness/run';
import type { MeshPod } from '../../naive/istio-world';

export async function startApplication(
  run: Run,
  { namespace, name, ports = [] }: MeshPod,
  networkNamespace: string,
): Promise<void> {
  if (ports.length === 0) return;
  // proxies speak to gRPC ports in HTTP/2 alone, whatever they are sent
  const served = ports.map(({ name: called = '', containerPort }) => [
    called.startsWith('grpc') ? 'http2' : 'http',
    containerPort,
  ]);
  const program = `
    const answer = (_, response) => response.end(${JSON.stringify(`${namespace}/${name}`)});
    for (const [module, port] of ${JSON.stringify(served)}) {
      require('node:' + module).createServer(answer).listen(port, () => console.log('listening'));
    }`;
  await start(run, {
    name: `application-${namespace}-${name}`,
    command: process.execPath,
    args: ['-e', program],
    networkNamespace,
    ready: ({ log }) => log().split('listening').length > ports.length,
  });
}
