/** etcd and kube-apiserver: what accepts or refuses objects in a real cluster, without the cluster. */

import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bridge } from '../harness/bridge';
import type { Program } from '../harness/build';
import { built } from '../harness/build';
import type { Engine } from '../harness/processes';
import { freePorts, start } from '../harness/processes';
import type { Run } from '../harness/run';
import { ApiClient } from './api-client';

const ETCD: Program = {
  module: 'apiserver',
  package: 'go.etcd.io/etcd/server/v3',
  binary: 'etcd',
};

/** What the release build stamps: the server tells it to clients, and chooses its feature gates by it. */
const VERSION = { gitVersion: 'v1.36.3', gitMajor: '1', gitMinor: '36', gitTreeState: 'clean' };

const KUBE_APISERVER: Program = {
  module: 'apiserver',
  package: 'k8s.io/kubernetes/cmd/kube-apiserver',
  binary: 'kube-apiserver',
  linkerFlags: Object.entries(VERSION).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  ),
};

const TOKEN = 'administrator';

export interface ApiServer {
  readonly client: ApiClient;
  /** For other engines; valid in the network namespace that the server runs in. */
  readonly kubeconfig: string;
  readonly engine: Engine;
}

/**
 * Starts both and waits until the server answers. They listen on loopback: of the machine, or of
 * `networkNamespace`. The client works from the run's own namespace either way.
 */
export async function startApiServer(
  run: Run,
  { networkNamespace }: { readonly networkNamespace?: string } = {},
): Promise<ApiServer> {
  const [etcd, kubeApiserver] = [await built(ETCD), await built(KUBE_APISERVER)];
  const [clientPort, peerPort, port] = (await freePorts(3)).map(String) as [string, string, string];
  const [etcdUrl, peerUrl] = [`http://127.0.0.1:${clientPort}`, `http://127.0.0.1:${peerPort}`];
  await start(run, {
    name: 'etcd',
    command: etcd,
    args: [
      ...['--data-dir', path.join(run.folder, 'etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `default=${peerUrl}`],
    ],
    networkNamespace,
    ready: ({ log }) => log().includes('ready to serve client requests'),
  });

  const files = writeFiles(path.join(run.folder, 'kube-apiserver'), port);
  const socket =
    networkNamespace && (await bridge(run, { name: 'kube-apiserver', networkNamespace, port }));
  let client: ApiClient | undefined;
  const engine = await start(run, {
    name: 'kube-apiserver',
    command: kubeApiserver,
    args: [
      ...[`--etcd-servers=${etcdUrl}`, '--bind-address=127.0.0.1', `--secure-port=${port}`],
      ...['--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none'],
      ...[`--cert-dir=${files.folder}`, `--token-auth-file=${files.tokens}`],
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${files.key}`,
      `--service-account-signing-key-file=${files.key}`,
      // nobody makes service accounts here: pods would wait for theirs
      ...['--authorization-mode=AlwaysAllow', '--disable-admission-plugins=ServiceAccount'],
      '--service-cluster-ip-range=10.96.0.0/16',
    ],
    networkNamespace,
    ready: async () => {
      if (!existsSync(files.certificate)) return false;
      const at = socket === undefined ? { port: Number(port) } : { socket };
      client ??= new ApiClient({ ...at, ca: readFileSync(files.certificate), token: TOKEN });
      return (await client.request('GET', '/readyz')).code === 200;
    },
  });
  if (client === undefined) throw new Error('kube-apiserver is ready before it has a certificate');
  return { client, kubeconfig: files.kubeconfig, engine };
}

interface Files {
  readonly folder: string;
  readonly key: string;
  readonly tokens: string;
  readonly kubeconfig: string;
  /** Made by the server when it starts; signed by itself. */
  readonly certificate: string;
}

function writeFiles(folder: string, port: string): Files {
  const at = (name: string): string => path.join(folder, name);
  const files = {
    folder,
    key: at('service-accounts.key'),
    tokens: at('tokens.csv'),
    kubeconfig: at('kubeconfig'),
    certificate: at('apiserver.crt'),
  };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  mkdirSync(folder);
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(files.tokens, `${TOKEN},admin,admin,system:masters\n`);
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority': files.certificate,
  };
  writeFileSync(
    files.kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'engines', cluster }],
      users: [{ name: 'admin', user: { token: TOKEN } }],
      contexts: [{ name: 'engines', context: { cluster: 'engines', user: 'admin' } }],
      'current-context': 'engines',
    }),
  );
  return files;
}
