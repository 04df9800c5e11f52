/** Files know no network namespaces: how a socket in a folder leads to a port within one. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { start } from './processes';
import type { Run } from './run';

export interface Bridged {
  /** Of the socket in the run's folder. */
  readonly name: string;
  readonly networkNamespace: string;
  /** On loopback. */
  readonly port: string;
}

/** Answers the socket's path. */
export async function bridge(run: Run, { name, networkNamespace, port }: Bridged): Promise<string> {
  const socket = path.join(run.folder, `${name}.sock`);
  const program = `
    const net = require('node:net');
    net.createServer((near) => {
      const far = net.connect(${port}, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const [one, other] of [[near, far], [far, near]]) one.on('error', () => other.destroy());
    }).listen(${JSON.stringify(socket)});`;
  await start(run, {
    name: `bridge-${name}`,
    command: process.execPath,
    args: ['-e', program],
    networkNamespace,
    ready: () => existsSync(socket),
  });
  return socket;
}
