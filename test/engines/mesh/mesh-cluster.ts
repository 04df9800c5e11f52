/**
 * A whole mesh of one node: API server, network policy, istiod, and a sidecar in each pod that is in
 * the mesh. It is shown pods and manifests, and sends requests from where a pod is.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { MeshPod } from '../../naive/istio-world';
import type { World } from '../../naive/world';
import type { Manifest } from '../apiserver/api-client';
import { certificatesFor, spiffe } from '../envoy/certificates';
import type { RawAnswer } from '../envoy/requests';
import { httpText, sendAll } from '../envoy/requests';
import { FelixCluster } from '../felix/felix-cluster';
import type { Run } from '../harness/run';
import { startApplication } from './application';
import { startIstiod, startSecrets } from './istiod';
import type { MeshService } from './mesh-manifests';
import { meshManifestsOf, serviceManifests } from './mesh-manifests';
import { startSidecar } from './sidecar';

export interface MeshScene {
  readonly pods: readonly MeshPod[];
  readonly services: readonly MeshService[];
  readonly policies?: World['policies'];
  readonly namespaces?: World['namespaces'];
}

export interface Ask {
  readonly from: MeshPod;
  /** Address and port. */
  readonly to: string;
  readonly host: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** From a change on the API server until every sidecar has it and has ended what it outdates. */
const CHANGED_WITHIN_MS = 2_500;
/** How often the same is asked until two answers in a row agree. */
const TRIES = 5;
/** What is silent holds up nobody else. */
const AT_ONCE = 64;

export class MeshCluster {
  private shown: readonly Manifest[] = [];

  private constructor(
    private readonly felix: FelixCluster,
    private readonly scene: MeshScene,
  ) {}

  /** Resolves when every sidecar is ready; no policy but that of the network is there yet. */
  static async start(run: Run, scene: MeshScene): Promise<MeshCluster> {
    const felix = await FelixCluster.start(run);
    const { node, server } = felix;
    const cluster = new MeshCluster(felix, scene);
    await cluster.showNetwork([]);
    for (const service of scene.services) {
      for (const manifest of serviceManifests(service)) await server.client.apply(manifest);
    }
    const discovery = await startIstiod(run, node, server);
    const accounts = scene.pods.map(({ namespace, serviceAccount = 'default' }) =>
      spiffe({ namespace, account: serviceAccount }),
    );
    const secrets = await startSecrets(run, await certificatesFor(accounts));
    for (const pod of scene.pods) {
      const networkNamespace = felix.namespaceOf(pod);
      await startApplication(run, pod, networkNamespace);
      if (!pod.inMesh) continue;
      await startSidecar(run, pod, { networkNamespace, plane: { discovery, secrets } });
    }
    return cluster;
  }

  /** The network policies, of those that the scene has. */
  async showNetwork(policies: World['policies'] = this.scene.policies ?? []): Promise<void> {
    const { pods, namespaces = {} } = this.scene;
    const named = Object.fromEntries(pods.map(({ namespace }) => [namespace, {}]));
    const world = { namespaces: { ...named, ...namespaces }, pods, policies };
    await this.felix.show(world, meshManifestsOf(world, pods));
  }

  /** From now on these of Istio's objects are there, and no others. */
  async show(manifests: readonly Manifest[]): Promise<void> {
    const { client } = this.felix.server;
    for (const old of this.shown) await client.request('DELETE', await client.pathOf(old));
    for (const manifest of manifests) await client.apply(manifest);
    this.shown = manifests;
    await sleep(CHANGED_WITHIN_MS);
  }

  /** In the order of the questions, once two rounds in a row have the same statuses. */
  async ask(questions: readonly Ask[]): Promise<readonly RawAnswer[]> {
    let last = '';
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answers = await this.askOnce(questions);
      const now = JSON.stringify(answers.map(({ status }) => status));
      if (now === last) return answers;
      last = now;
    }
    throw new Error(`after ${String(TRIES)} rounds, no two in a row are alike: ${last}`);
  }

  /** One after the other, or many at once. */
  async askOnce(questions: readonly Ask[], atOnce = AT_ONCE): Promise<readonly RawAnswer[]> {
    const answers = new Map<Ask, RawAnswer>();
    for (const from of new Set(questions.map((one) => one.from))) {
      const own = questions.filter((one) => one.from === from);
      const requests = own.map(({ to, host, method = 'GET', path = '/', headers = {} }) => ({
        to,
        text: httpText({ method, path, host, headers }),
      }));
      const networkNamespace = this.felix.namespaceOf(from);
      const got = await sendAll(requests, { networkNamespace, leaves: {}, atOnce });
      got.forEach((answer, index) => {
        const question = own[index];
        if (question !== undefined) answers.set(question, answer);
      });
    }
    return questions.map((question) => {
      const answer = answers.get(question);
      if (answer === undefined) throw new Error('a request has no answer');
      return answer;
    });
  }
}
