/**
 * Does the mesh and NetworkPolicy that a story became allow exactly what it declared? Asks every
 * witness about every target that we write for.
 */

import { ApiObject } from 'cdk8s';
import type { App } from 'cdk8s';
import { ClusterProfile } from '../../src';
import { treeOf } from '../../src/constructs/tree';
import { validateTree } from '../../src/constructs/validate';
import { modelProblems } from '../../src/render/problems';
import { meshAllows, mtlsMode } from '../naive/istio';
import type { AmbientWorld } from '../naive/istio-ambient';
import { ambientAllows } from '../naive/istio-ambient';
import { meshWorld } from '../naive/istio-world';
import type { MeshPod, MeshWorld } from '../naive/istio-world';
import type { Manifest } from '../naive/load-yaml';
import { allowed } from '../naive/network-policy';
import type { Labels, NetworkPolicy, World } from '../naive/world';
import { isAuthenticated } from './mesh-declared';
import { isToken } from './mesh-peers';
import type { Answer, Reading } from './mesh-declared';
import type { HttpRule, MeshStory } from './mesh-story';
import { carries, servedPorts, TRUST_DOMAIN } from './mesh-story';
import type { Asked, Witness } from './mesh-witnesses';
import { askedOf, isPod, placesOf } from './mesh-witnesses';

export interface Difference {
  readonly from: string;
  readonly to: string;
  readonly asked: Asked;
  readonly declared: Answer;
  readonly allowed: boolean;
}

/** Codes of what synth refuses, or the manifests that it writes. */
export interface Outcome {
  readonly codes: readonly string[];
  readonly manifests: readonly Manifest[];
}

export function outcomeOf(app: App): Outcome {
  const texts = validateTree(app);
  const tree = treeOf(app);
  const profile = ClusterProfile.of(app)._data;
  const codes = modelProblems({ model: tree.model, profile }, '2026-01-01').map(({ code }) => code);
  // what only the written objects show has no code of its own here
  const refused = texts.length > 0 && codes.length === 0 ? ['object'] : codes;
  return { codes: [...new Set(refused)].sort(), manifests: manifestsOf(app) };
}

function manifestsOf(app: App): Manifest[] {
  const objects = app.node.findAll().filter((node) => ApiObject.isApiObject(node));
  return objects.map((object) => JSON.parse(JSON.stringify(object.toJson())) as Manifest);
}

/** NetworkPolicies and the mesh, as one cluster. */
export class Cluster {
  readonly world: World;
  readonly mesh: MeshWorld;
  private readonly ambient: AmbientWorld | undefined;

  constructor(story: MeshStory, manifests: readonly Manifest[], witnesses: readonly Witness[]) {
    const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
    this.world = {
      namespaces: Object.fromEntries(placesOf(story).map(({ name, labels }) => [name, { labels }])),
      pods: witnesses.flatMap(({ end }) => (isPod(end) ? [end] : [])),
      policies: [...(policies as unknown as NetworkPolicy[]), ...ownersPolicies(story)],
    };
    this.mesh = meshWorld(manifests, { trustDomain: TRUST_DOMAIN });
    if (story.mesh === 'ambient') this.ambient = this.ambientWorld(story, manifests);
  }

  /** Services, and the labels by which they are sent through waypoints. */
  private ambientWorld(story: MeshStory, manifests: readonly Manifest[]): AmbientWorld {
    const written = manifests.filter(({ kind }) => kind === 'Namespace');
    const labelled = written.map(({ metadata }) => [
      metadata.name,
      { labels: (metadata as { labels?: Labels }).labels },
    ]);
    const namespaces = {
      ...this.world.namespaces,
      ...(Object.fromEntries(labelled) as World['namespaces']),
    };
    const services = story.workloads.flatMap((workload) =>
      this.world.pods
        .filter(({ namespace, labels }) => {
          return namespace === workload.namespace && carries(labels ?? {}, workload.labels);
        })
        .map(({ namespace, name }) => {
          const ports = servedPorts(workload);
          return { namespace, name: workload.name, pod: name, ports };
        }),
    );
    return { network: { ...this.world, namespaces }, mesh: this.mesh, manifests, services };
  }

  /** NetworkPolicy's half: the same for all requests to a port. */
  connects({ end }: Witness, to: MeshPod, { protocol, port }: Asked): boolean {
    // which port is open depends on the way there
    if (this.ambient !== undefined) return true;
    return allowed(this.world, end, to, protocol, port);
  }

  /** The mesh's half. */
  lets({ end, plaintext }: Witness, to: MeshPod, asked: Asked): boolean {
    const request = { ...asked, from: end, to, plaintext };
    return this.ambient === undefined
      ? meshAllows(this.mesh, request)
      : ambientAllows(this.ambient, request);
  }
}

/** What isolates an existing namespace is its owner's. */
function ownersPolicies({ namespaces }: MeshStory): NetworkPolicy[] {
  return namespaces
    .filter(({ isolated }) => isolated.length > 0)
    .map(({ name, isolated }) => ({
      metadata: { name: 'owners', namespace: name },
      spec: {
        podSelector: {},
        policyTypes: isolated.map((one) => (one === 'ingress' ? 'Ingress' : 'Egress')),
      },
    }));
}

/** The first differences between what is declared and what is allowed. */
export function differencesOf(
  reading: Reading,
  manifests: readonly Manifest[],
  limit = 5,
): { readonly differences: Difference[]; readonly asked: number } {
  const { story, witnesses } = reading;
  const cluster = new Cluster(story, manifests, witnesses);
  const differences: Difference[] = [];
  let count = 0;
  for (const target of targetsOf(reading)) {
    const questions = askedOf(story, target.end, rulesAt(reading, target.end));
    const plaintext = new Set<number>();
    for (const caller of witnesses) {
      if (caller.end === target.end) continue;
      const open = new Map<string, boolean>();
      for (const asked of questions) {
        const place = `${asked.protocol} ${asked.port}`;
        const connects = open.get(place) ?? cluster.connects(caller, target.end, asked);
        open.set(place, connects);
        const is = connects && cluster.lets(caller, target.end, asked);
        const declared = reading.answer(caller, target.end, asked);
        count += 1;
        if (declared !== 'no' && !isAuthenticated(caller)) plaintext.add(asked.port);
        if (declared === 'either' || is === (declared === 'yes')) continue;
        differences.push({ from: caller.id, to: target.id, asked, declared, allowed: is });
        if (differences.length >= limit) return { differences, asked: count };
      }
    }
    differences.push(...needlessPlaintext(reading, cluster, target, plaintext));
  }
  return { differences, asked: count };
}

/** "Exactly their ports stay open for plain text": no other port of a STRICT pod. */
function needlessPlaintext(
  reading: Reading,
  { mesh }: Cluster,
  { id, end }: Witness & { readonly end: MeshPod },
  needed: ReadonlySet<number>,
): Difference[] {
  if (!reading.isStrict(end)) return [];
  const ports = askedOf(reading.story, end, []).filter(({ protocol }) => protocol === 'TCP');
  return ports
    .filter((asked) => !reading.opensPlaintext(end, asked))
    .filter(({ port }) => !needed.has(port) && mtlsMode(mesh, end, port) !== 'STRICT')
    .map((asked) => ({ from: 'plain text', to: id, asked, declared: 'no', allowed: true }));
}

/** Pods of namespaces that we write into, as the story says that they are. */
export function targetsOf({ story, witnesses }: Reading): (Witness & { readonly end: MeshPod })[] {
  const written = story.namespaces.filter(({ kind }) => kind === 'ours' || kind === 'existing');
  return witnesses.filter(
    (one): one is Witness & { readonly end: MeshPod } =>
      isPod(one.end) &&
      one.conforms &&
      !one.plaintext &&
      !one.id.includes('again') &&
      written.some(({ name }) => isPod(one.end) && one.end.namespace === name),
  );
}

/** Requests that somebody speaks about at the target. */
export function rulesAt(reading: Reading, target: MeshPod): HttpRule[] {
  const workload = reading.workloadOf(target);
  const { story } = reading;
  const granted = story.grants
    .filter(({ to }) => !isToken(to) && reading.means(to, target))
    .flatMap(({ http }) => http ?? []);
  const free = story.tokens
    .filter((one) => one.workload === workload)
    .flatMap(({ withoutToken }) => withoutToken);
  return [...granted, ...free];
}
