/** Sidecars with what istiod writes for them, in a network namespace where every address is at home. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { built } from '../harness/build';
import type { Program } from '../harness/build';
import { output } from '../harness/output';
import { start } from '../harness/processes';
import type { Run } from '../harness/run';
import type { BootstrapOptions, Served } from './bootstrap';
import { bootstrap, UPSTREAMS } from './bootstrap';
import { envoyBinary } from './package';

const AUTHORIZER: Program = {
  module: 'istio',
  package: './cmd/authorizer',
  binary: 'istio-authorizer',
};

/** Ranges of the addresses of callers and pods. */
const HOME = ['10.0.0.0/8', '198.51.100.0/24', '2001:db8::/32'];

export async function namespaceOfEveryAddress(run: Run, label: string): Promise<string> {
  const name = await run.networkNamespace(label);
  for (const range of HOME) {
    const family = range.includes(':') ? '-6' : '-4';
    await output('ip', ['-n', name, family, 'route', 'add', 'local', range, 'dev', 'lo']);
  }
  // IPv4 needs no such leave for addresses of a local route
  const leave = 'echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind';
  await output('ip', ['netns', 'exec', name, 'sh', '-c', leave]);
  return name;
}

/** Runs `ask` while one Envoy serves all of these pods. */
export async function whileServing<T>(
  run: Run,
  networkNamespace: string,
  { pods, ...options }: BootstrapOptions & { readonly pods: readonly Served[] },
  ask: () => Promise<T>,
): Promise<T> {
  const authorizer = await start(run, {
    name: `authorizer-${Date.now()}`,
    command: await built(AUTHORIZER),
    args: ['--yes', `127.0.0.1:${UPSTREAMS.authorizes}`, '--no', `127.0.0.1:${UPSTREAMS.refuses}`],
    networkNamespace,
    ready: ({ log }) => log().split('listening').length === 3,
  });
  const file = path.join(run.folder, 'envoy.json');
  writeFileSync(file, JSON.stringify(bootstrap(pods, options)));
  const quiet = ['--log-level', 'error', '--component-log-level', 'config:info'];
  const envoy = await start(run, {
    name: `envoy-${Date.now()}`,
    command: envoyBinary(),
    args: ['-c', file, '--disable-hot-restart', '--concurrency', '1', ...quiet],
    networkNamespace,
    ready: ({ log }) => log().includes('starting workers'),
  });
  try {
    return await ask();
  } finally {
    await envoy.stop();
    await authorizer.stop();
  }
}
