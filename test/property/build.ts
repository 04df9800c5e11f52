/**
 * How is a story told to the library, in a given order of declaration? Every construct is made when
 * its turn comes or when another one needs it first; ids and scopes depend on the story alone.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import {
  ClusterDns,
  ClusterProfile,
  Cni,
  DefaultDeny,
  DnsEgress,
  Environment,
  ExternalEgress,
  Http,
  Identity,
  Isolation,
  IsolationDirections,
  LabelSelector,
  MlNamespace,
  MlPlatform,
  ModelRegistry,
  ModuleEgress,
  ModuleIngress,
  Peer as LibraryPeer,
  PlatformBaseline,
  PodGroup,
  Port as LibraryPort,
  TrafficModel,
  TrainingJob,
  Workload as LibraryWorkload,
} from '../../src';
import type {
  Component,
  FlowOptions,
  IMlNamespace,
  IPeer,
  MlModule,
  PortPurpose,
  Protocol,
} from '../../src';
import type { LoadedYaml } from '../naive/load-yaml';
import { loadYaml } from '../naive/load-yaml';
import type {
  Cluster,
  Direction,
  EnvironmentOf,
  Namespace,
  Peer,
  Port,
  Selector,
  Statement,
  Story,
  Terms,
  Workload,
} from './story';
import { randomNumbers } from './random';
import { keyOf, workloadOf } from './story';

/** The text of every file by its name. */
export type Files = Readonly<Record<string, string>>;

/** What a story became, and what the naive evaluator reads in it. */
export interface Written {
  readonly files: Files;
  readonly yaml: LoadedYaml;
}

/** Writes the story and reads it back; `order` chooses which construct comes first. */
export function write(story: Story, order: number): Written {
  const folder = emptyFolder();
  tellQuickly(new Telling(story, folder), order);
  return { files: filesOf(folder), yaml: loadYaml(folder) };
}

/** Writes the story in another order. */
export function writeOnly(story: Story, order: number): Files {
  const folder = emptyFolder();
  tellQuickly(new Telling(story, folder), order);
  return filesOf(folder);
}

let folder: string | undefined;

/** Jest maps stacks to TypeScript, which takes a seventh of the time; equal lines are all we need. */
function tellQuickly(telling: Telling, order: number): void {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (error, frames) =>
    [String(error), ...frames.map((frame) => `    at ${String(frame)}`)].join('\n');
  try {
    telling.tell(order);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/** One folder for all stories of a test file: making and removing thousands takes its time. */
function emptyFolder(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'ml-netpol-stories-'));
  for (const name of readdirSync(folder)) unlinkSync(join(folder, name));
  return folder;
}

export function removeFolder(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
}

function filesOf(folder: string): Files {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

class Telling {
  private readonly app: App;
  private readonly made = new Map<string, unknown>();

  constructor(
    private readonly story: Story,
    private readonly outdir: string,
  ) {
    const { environment, suffixed, cluster } = story;
    this.app =
      story.app === 'plain'
        ? new App({ outdir })
        : new MlPlatform({
            outdir,
            cluster: profileOf(cluster),
            environment: Environment.of(environment),
            suffixNamespaces: suffixed,
            suffixPolicies: suffixed,
          });
  }

  tell(order: number): void {
    const { namespaces, workloads, statements } = this.story;
    const turns: (() => unknown)[] = [
      () => this.profile(),
      ...namespaces.map((one) => () => this.namespace(one.name)),
      ...workloads.map((one) => () => this.workload(keyOf(one))),
      ...statements.map((one, index) => () => this.state(one, index)),
    ];
    for (const turn of shuffled(turns, order)) turn();
    this.app.synth();
    if (this.story.app === 'plain') TrafficModel.of(this.app).save(this.outdir);
  }

  private once<T>(key: string, make: () => T): T {
    if (!this.made.has(key)) this.made.set(key, make());
    return this.made.get(key) as T;
  }

  private profile(): void {
    if (this.story.app === 'plain') {
      ClusterProfile.provide(this.app, profileOf(this.story.cluster));
    }
  }

  /** Two charts, so that most flows cross from one into the other. */
  private chart(seed: number): Chart {
    const id = seed % 2 === 0 ? 'team' : 'shared';
    return this.once(`chart ${id}`, () => new Chart(this.app, id));
  }

  private namespace(name: string): IMlNamespace {
    const data = this.story.namespaces.find((one) => one.name === name);
    if (data === undefined) return this.reference(name);
    return this.once(`namespace ${name}`, () => this.makeNamespace(data));
  }

  private reference(name: string): IMlNamespace {
    const id = `ref-${name}`;
    return this.once(id, () => MlNamespace.fromName(this.chart(name.length), id, name));
  }

  private makeNamespace(data: Namespace): IMlNamespace {
    const { name, kind, labels, isolated, group } = data;
    const chart = this.chart(name.length + 1);
    switch (kind) {
      case 'module':
        return this.module(group).namespaces[this.inGroup(data)]!;
      case 'baseline':
        return this.baseline(group).namespace(name);
      case 'own':
        return new MlNamespace(chart, name, { labels, environment: environmentOf(data) });
      case 'existing':
        return MlNamespace.existing(chart, name, { name, labels, isolation: isolation(isolated) });
      case 'foreign':
        return MlNamespace.fromName(chart, name, name);
    }
  }

  private inGroup({ name, group }: Namespace): number {
    return this.story.namespaces.filter((one) => one.group === group).findIndex(named(name));
  }

  private module(group: string): MlModule {
    return this.once(`module ${group}`, () => {
      const { suffixed, environment } = this.story;
      const names = this.groupNames(group);
      const bare = names.map((name) =>
        suffixed ? name.replace(`-${environment.name}`, '') : name,
      );
      return (this.app as MlPlatform).module(group, {
        ...this.groupProps(group),
        namespaces: bare,
      });
    });
  }

  private baseline(group: string): PlatformBaseline {
    return this.once(`baseline ${group}`, () => {
      const props = { ...this.groupProps(group), namespaces: this.groupNames(group) };
      return new PlatformBaseline(this.chart(group.length), `baseline-${group}`, props);
    });
  }

  private groupNames(group: string): string[] {
    return this.story.namespaces.filter((one) => one.group === group).map(({ name }) => name);
  }

  private groupProps(group: string) {
    const data = this.story.namespaces.find((one) => one.group === group) as Namespace;
    return {
      labels: data.labels,
      directions: directions(data.isolated),
      environment: environmentOf(data),
      platformPeers: data.platformPeers.map((peer) => this.peer(peer)),
      platformPorts: data.platformPorts?.map(portOf),
    };
  }

  private workload(key: string): LibraryWorkload | Component {
    return this.once(`workload ${key}`, () => this.makeWorkload(workloadOf(this.story, key)));
  }

  private makeWorkload(data: Workload): LibraryWorkload | Component {
    const { name, labels, podLabels, account: serviceAccount, component } = data;
    const home = this.story.namespaces.find(named(data.namespace)) as Namespace;
    const ports = data.ports.map(portOf);
    if (component === 'pytorch') {
      return this.module(home.group).add(TrainingJob.pytorch(name, { serviceAccount }));
    }
    if (component === 'mlflow') {
      return this.module(home.group).add(ModelRegistry.mlflow({ serviceAccount }));
    }
    const plain = Object.keys(podLabels).length === Object.keys(labels).length;
    if (home.kind === 'module' && this.inGroup(home) === 0 && plain) {
      return this.module(home.group).workload(name, { labels, ports, serviceAccount });
    }
    const namespace = this.namespace(home.name);
    const props = { namespace, name, labels, podLabels, ports, serviceAccount };
    return new LibraryWorkload(this.chart(name.length), `${home.name}-${name}`, props);
  }

  private podsOf(key: string): LibraryWorkload {
    const made = this.workload(key);
    return made instanceof LibraryWorkload ? made : made.workload;
  }

  private state(statement: Statement, index: number): void {
    const [chart, id] = [this.chart(index), `statement-${String(index)}`];
    switch (statement.say) {
      case 'default-deny': {
        const { workload, pods } = statement;
        new DefaultDeny(chart, id, {
          namespace: this.namespace(statement.namespace),
          workload: workload === undefined ? undefined : this.podsOf(workload),
          pods: pods,
          directions: directions(statement.directions),
        });
        return;
      }
      case 'dns-egress': {
        const { workload } = statement;
        new DnsEgress(chart, id, {
          namespace: this.namespace(statement.namespace),
          workload: workload === undefined ? undefined : this.podsOf(workload),
        });
        return;
      }
      case 'module-ingress': {
        const from = statement.from.map((peer) => this.peer(peer));
        const to = this.target(statement.to);
        new ModuleIngress(chart, id, { to, from, ...termsOf(statement.terms, []) });
        return;
      }
      case 'module-egress':
      case 'external-egress': {
        const to = statement.to.map((peer) => this.peer(peer));
        const props = {
          from: this.target(statement.from),
          to,
          ...termsOf(statement.terms, statement.to),
        };
        if (statement.say === 'module-egress') new ModuleEgress(chart, id, props);
        else new ExternalEgress(chart, id, props);
        return;
      }
      case 'allow-from':
        this.workload(statement.workload).allowFrom(
          this.peer(statement.peer),
          termsOf(statement.terms, []),
        );
        return;
      case 'allow-to':
        this.workload(statement.workload).allowTo(
          this.peer(statement.peer),
          termsOf(statement.terms, [statement.peer]),
        );
        return;
      case 'allow-among':
        this.podsOf(statement.workload).allowAmong(termsOf(statement.terms, []));
    }
  }

  /** Only a namespace that is there already can be isolated. */
  private target(peer: Peer): IPeer {
    if (peer.kind === 'pods' && typeof peer.in === 'string') this.namespace(peer.in);
    return this.peer(peer);
  }

  private peer(peer: Peer): IPeer {
    switch (peer.kind) {
      case 'workload':
        return this.workload(peer.workload);
      case 'endpoint':
        return this.podsOf(peer.workload).endpoint('role', ...peer.ports.map(portOf));
      case 'namespace':
        return this.namespace(peer.namespace);
      case 'name':
        return LibraryPeer.namespace(peer.namespace);
      case 'reference':
        return this.reference(peer.namespace);
      case 'module':
        return this.module(peer.group);
      case 'namespaces':
        return LibraryPeer.namespaces(peer.labels);
      case 'pods':
        return LibraryPeer.pods({
          ...selectorOf(peer.pods),
          ...(typeof peer.in === 'string' ? { namespace: peer.in } : { namespaceLabels: peer.in }),
        });
      case 'all-pods':
        return LibraryPeer.allPods();
      case 'any':
        return LibraryPeer.any();
      case 'internet':
        return LibraryPeer.internet();
      case 'nodes':
        return LibraryPeer.nodes();
      case 'kube-apiserver':
        return LibraryPeer.kubeApiserver();
      case 'dns':
        return LibraryPeer.dns();
      case 'cidr':
        return LibraryPeer.cidr(peer.cidr, { except: [...peer.except] });
      case 'fqdn':
        return LibraryPeer.fqdn(...peer.names);
      case 'account':
        return Identity.serviceAccount(peer.namespace, peer.name);
      case 'principal':
        return Identity.principal(`cluster.local/ns/${peer.namespace}/sa/${peer.name}`);
      case 'members':
        return Identity.namespace(peer.namespace);
      case 'monitoring':
        // the tree's own profile may be provided later
        return profileOf(this.story.cluster).monitoring;
    }
  }
}

function termsOf({ ports, reason, http }: Terms, to: readonly Peer[]): FlowOptions {
  const names = to.some(({ kind }) => kind === 'fqdn');
  return {
    ports: ports?.map(portOf),
    reason,
    http: http ? [Http.post('/v1/predict')] : undefined,
    withoutMesh: reason === undefined ? undefined : 'l4',
    withoutFqdn: names ? 'internet' : undefined,
  };
}

function portOf({ protocol, port, endPort, name, purpose: text }: Port): LibraryPort {
  const purpose = text as PortPurpose;
  if (protocol === undefined) return LibraryPort.all();
  if (port === undefined && name !== undefined) {
    return LibraryPort.named(name, { protocol: protocol as Protocol, purpose });
  }
  if (port === undefined) {
    if (protocol === 'TCP') return LibraryPort.allTcp();
    return protocol === 'UDP' ? LibraryPort.allUdp() : LibraryPort.allSctp();
  }
  if (endPort !== undefined) {
    return protocol === 'UDP'
      ? LibraryPort.udpRange(port, endPort, { name, purpose })
      : LibraryPort.tcpRange(port, endPort, { name, purpose });
  }
  if (protocol === 'UDP') return LibraryPort.udp(port, { name, purpose });
  if (protocol === 'SCTP') return LibraryPort.sctp(port, { name, purpose });
  return name === 'http'
    ? LibraryPort.http(port, { name, purpose })
    : LibraryPort.tcp(port, { name, purpose });
}

function selectorOf(selector: Selector): {
  labels?: Record<string, string>;
  selector?: LabelSelector;
} {
  const { labels, ...rest } = selector;
  if (Object.keys(rest).length === 0) return { labels: { ...labels } };
  return { selector: LabelSelector.of(JSON.parse(JSON.stringify(selector))) };
}

function profileOf(cluster: Cluster): ClusterProfile {
  const { distribution, apiServer, nodeRanges, podRanges, monitoring } = cluster;
  return ClusterProfile[distribution]({
    cni: CNIS[cluster.cni],
    dns: dnsOf(cluster),
    apiServer: { addresses: [...apiServer.addresses], clusterIp: apiServer.clusterIp },
    nodeRanges: [...nodeRanges],
    podRanges: [...podRanges],
    monitoring: monitoring ? PodGroup.kubePrometheus() : undefined,
  });
}

const CNIS = {
  unknown: Cni.UNKNOWN,
  calico: Cni.CALICO,
  'aws-vpc': Cni.AWS_VPC,
  'probes-need-a-rule': Cni.of({ name: 'homegrown', nodeTrafficImplicit: false }),
};

function dnsOf({ dns }: Cluster): ClusterDns {
  switch (dns.kind) {
    case 'kube-dns':
      return ClusterDns.kubeDns();
    case 'coredns-chart':
      return ClusterDns.coreDnsChart({ namespace: 'dns' });
    case 'openshift':
      return ClusterDns.openshift();
    case 'addresses':
      return ClusterDns.addresses(...dns.addresses);
    case 'service-address':
      return ClusterDns.kubeDns().withClusterIp(dns.clusterIp);
    case 'node-local':
      return ClusterDns.kubeDns().withNodeLocal({ clusterIp: dns.clusterIp });
  }
}

function environmentOf({ environment }: { environment?: EnvironmentOf }): Environment | undefined {
  return environment === undefined ? undefined : Environment.of(environment);
}

function directions(wanted: readonly Direction[]): IsolationDirections {
  if (wanted.length === 2) return IsolationDirections.BOTH;
  return wanted[0] === 'ingress' ? IsolationDirections.INGRESS : IsolationDirections.EGRESS;
}

function isolation(wanted: readonly Direction[]): Isolation {
  if (wanted.length === 2) return Isolation.BOTH;
  if (wanted.length === 0) return Isolation.NONE;
  return wanted[0] === 'ingress' ? Isolation.INGRESS : Isolation.EGRESS;
}

function named(name: string): (one: { readonly name: string }) => boolean {
  return (one) => one.name === name;
}

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const next = randomNumbers(seed);
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
