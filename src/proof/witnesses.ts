/**
 * The cluster that the proof asks about: what was written, what the traffic model tells, and a pod for
 * whoever a declaration or a policy names though no manifest shows it.
 */
import { ELSEWHERE, STRANGER } from '../engine/strangers';
import { World } from '../engine/world';
import { modelLines } from '../render/traffic-model-file';
import type { RenderContext } from '../render/context';
import type {
  Cluster,
  Labels,
  NamespaceFacts,
  NetworkPolicyFacts,
  PodFacts,
  WorkloadFacts,
} from '../read/cluster';
import { clusterOf } from '../read/cluster-of';
import { readText } from '../read/read-text';
import type { ReadProblem, Resource } from '../read/resource';
import type { ReadResult } from '../read/result';
import { combine } from '../read/result';
import type { ModelState } from '../traffic/model';
import type { PeerData } from '../values/peer';
import { describeSelector, fewestLabels } from '../values/selector';

/** One file that is about to be written, or that somebody else wrote. */
export interface WrittenText {
  readonly file: string;
  readonly text: string;
  /** Construct path by `Kind namespace/name`, where constructs wrote it. */
  readonly constructs?: ReadonlyMap<string, string>;
}

const DECLARED_POD = 'declared pod with';

/** Whether the pods stand for those that a declaration means by their labels alone. */
export function isDeclaredPod({ kind, name }: Pick<WorkloadFacts, 'kind' | 'name'>): boolean {
  return kind === STRANGER && name.startsWith(DECLARED_POD);
}

export interface Witnesses {
  readonly world: World;
  /** What the reader could not read of its own side's text. */
  readonly problems: readonly ReadProblem[];
}

export function witnessesOf(
  context: RenderContext,
  texts: readonly WrittenText[],
  others: ReadResult,
): Witnesses {
  const { model, profile } = context;
  const lines = modelLines(model, profile).map((line) => `${line}\n`);
  const input = combine([
    ...texts.map(({ file, text }) => readText(file, text)),
    others,
    readText('traffic-model.jsonl', lines.join('')),
  ]);
  const cluster = clusterOf(input);
  const whole = withDeclared(cluster, context);
  return { world: new World(whole, { perPeer: true }), problems: input.problems };
}

function withDeclared(cluster: Cluster, { model, profile }: RenderContext): Cluster {
  const added = new Added(cluster, profile.mesh.mode !== 'none');
  for (const { from, to } of model.flows.values()) {
    added.peer(from);
    added.peer(to);
  }
  for (const { name } of cluster.namespaces) added.eitherWay(name);
  added.eitherWay(ELSEWHERE);
  return {
    ...cluster,
    // what policies say is asked, whether or not anybody enforces it: a waiver tells of that
    profile: { ...cluster.profile, cni: { ...cluster.profile.cni, enforces: true } },
    namespaces: [...cluster.namespaces, ...added.namespaces],
    workloads: [...cluster.workloads, ...added.workloads],
    networkPolicies: [...cluster.networkPolicies, ...isolatedByOthers(model)],
  };
}

class Added {
  readonly namespaces: NamespaceFacts[] = [];
  readonly workloads: WorkloadFacts[] = [];
  private readonly known: Set<string>;
  private readonly ids = new Set<string>();

  constructor(
    cluster: Cluster,
    private readonly meshed: boolean,
  ) {
    this.known = new Set(cluster.namespaces.map(({ name }) => name));
  }

  peer(peer: PeerData): void {
    if (peer.kind === 'identity' && peer.identity.kind !== 'jwt') {
      const { identity } = peer;
      const account = identity.kind === 'namespace' ? '~' : identity.name;
      this.add(
        identity.namespace,
        `as ${account}`,
        {},
        { serviceAccount: account, inMesh: this.meshed },
      );
    }
    if (peer.kind !== 'pods') return;
    const labels = fewestLabels(peer.pods);
    for (const namespace of this.scope(peer.namespaces)) {
      const serviceAccount = peer.serviceAccount?.split('/')[1] ?? '~';
      const inMesh = peer.inMesh === undefined ? {} : { inMesh: peer.inMesh };
      this.add(namespace, `${DECLARED_POD} ${describeSelector(peer.pods)}`, labels, {
        serviceAccount,
        ...inMesh,
      });
    }
  }

  /** A pod that has no proxy, and one that has, whatever its namespace says. */
  eitherWay(namespace: string): void {
    if (!this.meshed) return;
    this.add(namespace, 'any pod outside the mesh', {}, { inMesh: false });
    this.add(namespace, 'any pod in the mesh', {}, { inMesh: true });
  }

  private scope(scope: Extract<PeerData, { kind: 'pods' }>['namespaces']): readonly string[] {
    if (scope.kind === 'names') return scope.names;
    if (scope.kind === 'all') return [ELSEWHERE];
    const name = `~namespace with ${describeSelector(scope.selector)}`;
    if (!this.known.has(name)) {
      this.known.add(name);
      const labels = { ...fewestLabels(scope.selector), 'kubernetes.io/metadata.name': name };
      this.namespaces.push({ name, labels, labelsKnown: true, annotations: {} });
    }
    return [name];
  }

  private add(namespace: string, name: string, labels: Labels, more: Partial<PodFacts>): void {
    const id = `${namespace}/${STRANGER}/${name}`;
    if (this.ids.has(id)) return;
    this.ids.add(id);
    const pods: PodFacts = {
      ...{ labels, annotations: {}, serviceAccount: '~', hostNetwork: false, ports: [] },
      ...{ portsKnown: false, addresses: [], nodeAddresses: [], containers: [] },
      ...more,
    };
    this.workloads.push({ id, namespace, kind: STRANGER, name, pods: [pods] });
  }
}

/** Who isolates pods of a namespace that is not ours writes it elsewhere. */
function isolatedByOthers(model: ModelState): NetworkPolicyFacts[] {
  return [...model.isolations.values()]
    .filter(({ namespace }) => model.namespaces.get(namespace)?.ownership === 'existing')
    .map(({ namespace, pods, directions, by }): NetworkPolicyFacts => ({
      ...{ namespace, name: `isolated by ${by}`, pods, unclear: [] },
      ...(directions.includes('ingress') ? { ingress: [] } : {}),
      ...(directions.includes('egress') ? { egress: [] } : {}),
      resource: assumed(namespace, by),
    }));
}

function assumed(namespace: string, by: string): Resource {
  const at = { file: by, line: 1, column: 1 };
  return {
    ...{
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace,
      name: by,
      object: {},
    },
    ...{ file: by, line: 1, unclear: [], locate: () => at },
  };
}
