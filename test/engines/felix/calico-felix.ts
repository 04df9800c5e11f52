/** Calico's agent on one node: it turns NetworkPolicy objects into the kernel's rules. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ApiServer } from '../apiserver/api-server';
import type { Manifest } from '../apiserver/api-client';
import type { Program } from '../harness/build';
import { built } from '../harness/build';
import type { Need } from '../harness/needs';
import { needsGo, needsNetworkNamespaces, needsProgram } from '../harness/needs';
import { output } from '../harness/output';
import type { Engine } from '../harness/processes';
import { start } from '../harness/processes';
import type { Run } from '../harness/run';

const MODULE = 'github.com/projectcalico/calico';
const FELIX: Program = {
  module: 'felix',
  package: `${MODULE}/felix/cmd/calico-felix`,
  binary: 'calico-felix',
};

export const FELIX_NEEDS: readonly Need[] = [
  ...[needsGo, needsNetworkNamespaces, needsProgram('iptables-nft', 'iptables')],
  ...[needsProgram('ipset'), needsProgram('conntrack'), needsProgram('sysctl', 'procps')],
];

/** Name of the node, in the API server and for Felix. */
export const NODE_NAME = 'node';

const SETTINGS = {
  FELIX_DATASTORETYPE: 'kubernetes',
  FELIX_FELIXHOSTNAME: NODE_NAME,
  FELIX_INTERFACEPREFIX: 'cali',
  FELIX_IPTABLESBACKEND: 'nft',
  FELIX_LOGSEVERITYSCREEN: 'Warning',
  ...valued('none', ['LOGFILEPATH', 'LOGSEVERITYSYS', 'LOGSEVERITYFILE']),
  ...valued('false', [
    ...['USAGEREPORTINGENABLED', 'IPINIPENABLED', 'VXLANENABLED', 'WIREGUARDENABLED'],
    ...['XDPENABLED', 'BPFENABLED', 'PROMETHEUSMETRICSENABLED', 'HEALTHENABLED'],
  ]),
  // nobody else touches this node: what Felix wrote needs no second look
  ...valued('0', [
    ...['IPTABLESREFRESHINTERVAL', 'ROUTEREFRESHINTERVAL', 'IPSETSREFRESHINTERVAL'],
    ...['REPORTINGINTERVALSECS'],
  ]),
};

/** Starts it beside the API server, in the node's network namespace. */
export async function startFelix(
  run: Run,
  node: string,
  { client, kubeconfig }: Pick<ApiServer, 'client' | 'kubeconfig'>,
): Promise<Engine> {
  await client.applyCustomResourceDefinitions(await definitions());
  await client.apply({
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'ClusterInformation',
    metadata: { name: 'default' },
    spec: { clusterGUID: '1', clusterType: 'k8s', calicoVersion: 'v3.28.5', datastoreReady: true },
  });
  await client.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: NODE_NAME } });
  return start(run, {
    name: 'calico-felix',
    command: await built(FELIX),
    args: ['-c', '/dev/null'],
    env: { ...SETTINGS, KUBECONFIG: kubeconfig },
    networkNamespace: node,
    ready: async () => (await inNode(node, 'iptables-nft', '-S', 'FORWARD')).includes('cali-'),
  });
}

/** Forgets the connections that are known: what was allowed once would be so to its end. */
export async function forgetConnections(node: string): Promise<void> {
  await inNode(node, 'conntrack', '-F');
}

/** Removes every rule: Felix must not run any more, or it would write them again. */
export async function removeRules(node: string): Promise<void> {
  for (const program of ['iptables-nft', 'ip6tables-nft']) {
    for (const table of ['raw', 'mangle', 'nat', 'filter']) {
      await inNode(node, program, '-t', table, '-F');
    }
  }
}

function inNode(node: string, command: string, ...args: readonly string[]): Promise<string> {
  return output('ip', ['netns', 'exec', node, command, ...args]);
}

/** Calico's own kinds, from the module that Felix is built from. */
async function definitions(): Promise<readonly Manifest[]> {
  const cwd = path.join(__dirname, '..', 'go', FELIX.module);
  const folder = await output('go', ['list', '-m', '-f', '{{.Dir}}', MODULE], { cwd });
  const text = readFileSync(path.join(folder.trim(), 'manifests', 'crds.yaml'), 'utf8');
  return parseAllDocuments(text)
    .map((one) => one.toJS() as Manifest | null)
    .filter((one) => one !== null);
}

function valued(value: string, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [`FELIX_${name}`, value]));
}
