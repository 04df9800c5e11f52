/**
 * The cluster profile: the facts about a cluster that no manifest shows.
 */
import { fixFields } from '../values/immutable';
import type { IConstruct } from 'constructs';
import type { IPeer, PeerData } from '../values/peer';
import { refuse } from '../values/problem';
import { AKS } from './distributions/aks';
import type { ProfileDefaults } from './distributions/defaults';
import { EKS } from './distributions/eks';
import { GENERIC } from './distributions/generic';
import { GKE } from './distributions/gke';
import { KIND } from './distributions/kind';
import { KKP } from './distributions/kkp';
import { KUBEADM } from './distributions/kubeadm';
import { OPENSHIFT } from './distributions/openshift';
import { Mesh } from './mesh';
import { nearMiss } from '../values/near-miss';
import { podGroupPeer } from './pod-group';
import type { PodGroupData, ProfileData } from './profile-data';
import type { ClusterProfileOptions } from './profile-options';
import { profileData } from './profile-options';
import { provideProfile, providedProfile, whenProfileProvided } from './provide';

/**
 * The cluster that policies are written for: its CNI, DNS, API server, mesh, gateways, monitoring
 * and address ranges. What a distribution is not known for stays unknown until it is said.
 *
 * Until their own dialects exist, profiles with Cilium and Calico write NetworkPolicy.
 */
export class ClusterProfile {
  /** A cluster of which nothing is known: kube-dns, no mesh. */
  public static generic(options: ClusterProfileOptions = {}): ClusterProfile {
    return ClusterProfile.like(GENERIC, options);
  }

  /** kubeadm, and what is made with it. */
  public static kubeadm(options: ClusterProfileOptions = {}): ClusterProfile {
    return ClusterProfile.like(KUBEADM, options);
  }

  /** kind, with kindnet. */
  public static kind(options: ClusterProfileOptions = {}): ClusterProfile {
    return ClusterProfile.like(KIND, options);
  }

  /** Amazon Elastic Kubernetes Service. */
  public static eks(options: ClusterProfileOptions = {}): ClusterProfile {
    return ClusterProfile.like(EKS, options);
  }

  /** Google Kubernetes Engine. */
  public static gke(options: ClusterProfileOptions = {}): ClusterProfile {
    return ClusterProfile.like(GKE, options);
  }

  /** Azure Kubernetes Service. */
  public static aks(options: ClusterProfileOptions = {}): ClusterProfile {
    return ClusterProfile.like(AKS, options);
  }

  /** OpenShift 4. */
  public static openshift(options: ClusterProfileOptions = {}): ClusterProfile {
    return ClusterProfile.like(OPENSHIFT, options);
  }

  /** A user cluster of the Kubermatic Kubernetes Platform. */
  public static kkp(options: ClusterProfileOptions = {}): ClusterProfile {
    return ClusterProfile.like(KKP, options);
  }

  /**
   * Makes this the profile of the whole tree that `scope` stands in, also of what stands there
   * already. Providing a second, different one is an error.
   */
  public static provide(scope: IConstruct, profile: ClusterProfile): void {
    provideProfile(scope, profile._data, genericData);
  }

  /** The profile of the tree that `scope` stands in; `generic()` while none is provided. */
  public static of(scope: IConstruct): ClusterProfile {
    return new ClusterProfile(providedProfile(scope, genericData));
  }

  /** @internal */
  public static _whenProvided(scope: IConstruct, listener: (profile: ProfileData) => void): void {
    whenProfileProvided(scope, listener, genericData);
  }

  private static like(defaults: ProfileDefaults, options: ClusterProfileOptions): ClusterProfile {
    return new ClusterProfile(profileData(defaults, options));
  }

  private constructor(
    /** @internal */
    readonly _data: ProfileData,
  ) {
    fixFields(this);
  }

  /** Name of the distribution: `eks`. */
  public get name(): string {
    return this._data.name;
  }

  /** The service mesh. */
  public get mesh(): Mesh {
    return Mesh._of(this._data.mesh);
  }

  /** The gateway through which users come in. Refused when the profile has none. */
  public get gateway(): IPeer {
    const { gateway } = this._data;
    if (gateway !== undefined) return new ProfilePeer('gateway', gateway);
    return this.refuseMissing('gateway', 'PodGroup.istioIngressGateway()');
  }

  /** Whoever scrapes metrics. Refused when the profile has none. */
  public get monitoring(): IPeer {
    const { monitoring } = this._data;
    if (monitoring !== undefined) return new ProfilePeer('monitoring', monitoring);
    return this.refuseMissing('monitoring', 'PodGroup.kubePrometheus()');
  }

  /** The ingress controller of that name. Refused when the profile has none of it. */
  public ingressController(name: string): IPeer {
    const controllers = this._data.ingressControllers;
    const found = controllers.find((controller) => controller.name === name);
    if (found !== undefined) return new ProfilePeer(name, found);
    const known = controllers.map((controller) => controller.name);
    const meant = nearMiss(name, known);
    return refuse({
      code: 'profile-ingress-controller',
      where: `ClusterProfile.${this.name}: ingressControllers`,
      got: name,
      expected:
        known.length === 0
          ? 'the name of an ingress controller, but the profile has none'
          : `one of ${known.join(', ')}`,
      fix:
        meant === undefined
          ? `ClusterProfile.${this.name}({ ingressControllers: [PodGroup.ingressNginx({ name: ${JSON.stringify(name)} })] })`
          : `did you mean '${meant}'?`,
    });
  }

  /** Readable form: `eks (cilium, sidecar mesh)`. */
  public toString(): string {
    return `${this.name} (${this._data.cni.name}, ${this.mesh.toString()})`;
  }

  private refuseMissing(part: string, example: string): never {
    return refuse({
      code: `profile-${part}`,
      where: `ClusterProfile.${this.name}: ${part}`,
      got: undefined,
      expected: `a profile that says which pods are its ${part}`,
      fix: `ClusterProfile.${this.name}({ ${part}: ${example} })`,
    });
  }
}

function genericData(): ProfileData {
  return profileData(GENERIC, {});
}

/** Pods of the platform, as a flow names them. */
class ProfilePeer implements IPeer {
  constructor(
    private readonly role: string,
    private readonly group: PodGroupData,
  ) {}

  /** The role alone would read like a namespace: `monitoring pods in monitoring`. */
  get peerName(): string {
    return `${this.role} pods in ${this.group.namespace}`;
  }

  /** @internal */
  _peer(): PeerData {
    return podGroupPeer(this.group);
  }
}
