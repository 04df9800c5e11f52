/** What runs in a pod: it answers every request with the pod's name. */

import { start } from '../harness/processes';
import type { Run } from '../harness/run';
import type { MeshPod } from '../../naive/istio-world';

export async function startApplication(
  run: Run,
  { namespace, name, ports = [] }: MeshPod,
  networkNamespace: string,
): Promise<void> {
  const numbers = ports.map(({ containerPort }) => containerPort);
  if (numbers.length === 0) return;
  const program = `
    const answer = (_, response) => response.end(${JSON.stringify(`${namespace}/${name}`)});
    for (const port of ${JSON.stringify(numbers)}) {
      require('node:http').createServer(answer).listen(port, () => console.log('listening'));
    }`;
  await start(run, {
    name: `application-${namespace}-${name}`,
    command: process.execPath,
    args: ['-e', program],
    networkNamespace,
    ready: ({ log }) => log().split('listening').length > numbers.length,
  });
}
