/**
 * What did a mesh story declare? Read from the story alone, one grant after the other, as DESIGN.md
 * and the doc comments say it: no index, no sets, nothing from src/.
 *
 * - A connection needs the caller's egress and the callee's ingress; an end that is not isolated, or
 *   not ours to write, asks for nothing.
 * - Egress and pods without a proxy know addresses, pods and ports only (L4).
 * - An identity means the authenticated pods that run as it; where workloads are known to run as it,
 *   only these.
 * - "Layers narrow": where an L7AccessRule's caller lies within the peer of a grant without `http`,
 *   that grant says nothing more on the rule's workload and ports.
 */

import { inCidr } from '../naive/cidr';
import type { MeshPod } from '../naive/istio-world';
import type { Endpoint, Labels } from '../naive/world';
import type { Direction, Grant, MeshStory, Peer, Tokens, Workload } from './mesh-story';
import {
  carries,
  GATEWAY,
  isWritable,
  MONITORING,
  namespaceInMesh,
  namespaceOf,
  NODES,
  servedPorts,
  TRUST_DOMAIN,
  workloadInMesh,
} from './mesh-story';
import {
  accountOf,
  defaultPorts,
  isAddress,
  isIdentity,
  isOnlyUdp,
  isToken,
  namespaceOfPeer,
} from './mesh-peers';
import { isGuarded, meets, satisfies, tokenOf, validates } from './mesh-requests';
import type { Asked, Witness } from './mesh-witnesses';
import { isPod, placesOf, witnessesOf } from './mesh-witnesses';

const PROXY_METRICS = 15020;

/** `either`: nothing that was declared decides it. */
export type Answer = 'yes' | 'no' | 'either';

export class Reading {
  readonly witnesses: readonly Witness[];
  readonly grants: readonly Grant[];
  /** Those of the grants that the mesh itself needs. */
  private readonly plumbed: ReadonlySet<Grant>;
  /** Answers that do not depend on the request: there are many requests to a port. */
  private readonly known = new Map<string, unknown>();

  constructor(readonly story: MeshStory) {
    this.witnesses = witnessesOf(story);
    const plumbing = this.plumbing();
    this.plumbed = new Set(plumbing);
    this.grants = [...story.grants, ...this.relaxations(), ...plumbing];
  }

  /** Whether a connection and the request in it were declared. */
  answer(caller: Witness, target: MeshPod, asked: Asked): Answer {
    const lets = this.once(['egress', caller.id, target.name, asked.protocol, asked.port], () =>
      this.egress(caller.end, target, asked),
    );
    if (!lets && !this.isHidden(caller, target, asked)) return 'no';
    const ingress =
      asked.port === PROXY_METRICS && this.story.mesh === 'sidecar'
        ? this.uncaptured(caller, target, asked)
        : this.ingress(caller, target, asked);
    // nobody owes anything to a pod that is not what it was said to be, or goes around its proxy
    return ingress === 'yes' && (!lets || !caller.conforms || caller.plaintext)
      ? 'either'
      : ingress;
  }

  /**
   * In ambient the caller's policies see no ports: what a callee that nobody isolates takes on other
   * ports is held for some callers, and waived for others.
   */
  private isHidden(caller: Witness, target: MeshPod, asked: Asked): boolean {
    const { end, plaintext } = caller;
    if (this.story.mesh !== 'ambient' || asked.protocol !== 'TCP' || plaintext) return false;
    if (!isPod(end) || !end.inMesh || !target.inMesh) return false;
    // a stranger who may go to the waypoint for somebody else is known there by its account
    if (this.workloadOf(end) === undefined && this.connects(caller, target, asked)) return true;
    return (
      !this.isIsolated(target, 'ingress') &&
      this.grants.some(
        ({ from, to, ports }) =>
          this.means(to, target) && this.meansAtL4(from, end) && !isOnlyUdp(ports),
      )
    );
  }

  /** Whether the caller's policies have to let it out on that port. */
  private egress(from: Endpoint, target: MeshPod, asked: Asked): boolean {
    if (!isPod(from) || !this.isIsolated(from, 'egress')) return true;
    // what only names addresses is nobody's egress
    return this.opening(target, asked).some(
      (grant) =>
        !isAddress(grant.from) &&
        !this.isNarrowed(grant, target, asked) &&
        (this.meansAtL4(grant.from, from) || isToken(grant.from)),
    );
  }

  private ingress(caller: Witness, target: MeshPod, asked: Asked): Answer {
    const workload = this.workloadOf(target);
    const tokens = this.story.tokens.filter(
      (one) => workload !== undefined && one.workload === workload && this.isEnforced(target),
    );
    if (this.isUnseen(tokens, asked)) return 'either';
    const isolated = this.isIsolated(target, 'ingress');
    const authenticated = isAuthenticated(caller);
    const strict = asked.protocol === 'TCP' && this.isStrict(target) && !authenticated;
    // whoever has no proxy goes around the waypoint, which alone can see a token
    const around = this.story.mesh === 'ambient' && !authenticated;
    if (!isolated && around && isGuarded(tokens, asked)) return 'either';
    if (!isolated && !strict) {
      if (this.sharesAccount(caller)) return 'either';
      return tokens.length === 0 ? 'yes' : this.unguarded(tokens, asked);
    }
    const open = this.opening(target, asked).filter((grant) =>
      this.permits(grant, target, tokens, asked),
    );
    // what an environment relaxes is never mutual TLS
    const granting = open.filter((grant) => !strict || grant.relaxes !== true);
    const answers = granting.map((grant) => this.admits(grant, caller, target, asked));
    // a token says nothing about the connection that brings it
    if (strict && granting.every(({ from }, index) => answers[index] !== 'yes' || isToken(from))) {
      const undecided = !isolated || open.length > granting.length;
      return answers.some((answer) => answer !== 'no') || undecided ? 'either' : 'no';
    }
    if (answers.includes('yes')) return 'yes';
    return answers.includes('either') || !isolated ? 'either' : 'no';
  }

  /** The proxies' own port: proxies hold nothing there. */
  private uncaptured({ end }: Witness, target: MeshPod, asked: Asked): Answer {
    if (!this.isIsolated(target, 'ingress')) return 'yes';
    const workload = this.workloadOf(target);
    const meant = this.opening(target, asked)
      .filter((grant) => !this.isNarrowed(grant, target, asked))
      .filter(({ from }) => isToken(from) || this.meansAtL4(from, end));
    // whoever is declared out of the mesh has no proxy to ask; a policy of its namespace says nothing else
    const outside = workload !== undefined && workloadInMesh(this.story, workload) === false;
    if (outside && meant.length > 0 && meant.every((grant) => this.plumbed.has(grant))) {
      return 'either';
    }
    return meant.length > 0 ? 'yes' : 'no';
  }

  /** In ambient a bad token is noticed on the way through the waypoint, and on no other. */
  private isUnseen(tokens: readonly Tokens[], asked: Asked): boolean {
    const { jwt } = asked;
    if (this.story.mesh !== 'ambient' || jwt === undefined || tokens.length === 0) return false;
    return !tokens.some((one) => validates(one, jwt)) && !isGuarded(tokens, asked);
  }

  /** In ambient, callees hold the ports of an isolated workload by its account. */
  private sharesAccount({ end }: Witness): boolean {
    return (
      this.story.mesh === 'ambient' &&
      isPod(end) &&
      this.workloadOf(end) === undefined &&
      this.story.workloads.some(
        ({ namespace, account }) =>
          namespace === end.namespace && account !== undefined && account === end.serviceAccount,
      )
    );
  }

  /** Tokens are asked of a workload that anybody may call. */
  private unguarded(tokens: readonly Tokens[], asked: Asked): Answer {
    return asked.protocol === 'TCP' && !satisfies(tokens, [], asked) ? 'no' : 'yes';
  }

  /** Who is meant, where the target's proxy knows identities; else pods and addresses. */
  private admits(grant: Grant, caller: Witness, target: MeshPod, asked: Asked): Answer {
    const { from: peer } = grant;
    const { end } = caller;
    if (!this.isEnforced(target) || asked.protocol !== 'TCP') {
      return this.meansAtL4(peer, end) || isToken(peer) ? 'yes' : 'no';
    }
    if (peer.kind === 'subject') {
      const { jwt } = asked;
      const bears = jwt?.issuer === peer.issuer && jwt.subject === peer.subject;
      // whoever has no proxy does not come by the waypoint, which alone can see a token
      const around = this.story.mesh === 'ambient' && !isAuthenticated(caller);
      if (bears && around) return 'either';
      return bears ? 'yes' : 'no';
    }
    const account = accountOf(peer);
    // an address of a pod in an ambient mesh stands behind another port than the one that is granted
    const hidden = this.story.mesh === 'ambient' && isAddress(peer) && isAuthenticated(caller);
    if (hidden && this.means(peer, end)) return 'either';
    if (this.means(peer, end)) {
      // a pod that is meant and does not prove who it is
      const proves = isAuthenticated(caller) || !isIdentity(peer);
      return proves ? 'yes' : 'either';
    }
    // a stranger with the account of a declared caller: where another grant lets it connect, the
    // mesh takes it for that caller, and the account is what the caller was declared by
    const impostor =
      account !== undefined &&
      isPod(end) &&
      this.workloadOf(end) === undefined &&
      isAuthenticated(caller) &&
      `${end.namespace}/${end.serviceAccount ?? 'default'}` === account;
    return impostor && this.connects(caller, target, asked) ? 'either' : 'no';
  }

  /** Whether any grant opens L4 between the two. */
  connects({ end }: Witness, target: MeshPod, asked: Asked): boolean {
    // in ambient ports are hidden, and whoever reaches the waypoint reaches all behind it
    if (this.story.mesh === 'ambient' && this.mayReachWaypoint(target.namespace)) return true;
    const opening =
      this.story.mesh === 'ambient'
        ? this.grants.filter(({ to }) => namespaceOfPeer(to) === target.namespace)
        : this.opening(target, asked);
    return opening.some(({ from }) => this.meansAtL4(from, end) || isToken(from));
  }

  /** A waypoint with somebody behind it whom nobody isolates is open to everybody. */
  private mayReachWaypoint(namespace: string): boolean {
    return this.witnesses.some(
      ({ end }) =>
        isPod(end) &&
        end.namespace === namespace &&
        this.workloadOf(end) !== undefined &&
        !this.isIsolated(end, 'ingress'),
    );
  }

  /** Whether some grant leaves it to a namespace outside the mesh, whatever others say of its pods. */
  opensPlaintext(target: MeshPod, asked: Asked): boolean {
    return this.opening(target, asked).some(
      (grant) =>
        grant.from.kind === 'pods' &&
        grant.from.mesh === undefined &&
        namespaceInMesh(this.story, grant.from.namespace) === false &&
        !this.isNarrowed(grant, target, asked),
    );
  }

  /** Which requests are meant. */
  private permits(grant: Grant, target: MeshPod, tokens: readonly Tokens[], asked: Asked): boolean {
    if (!this.isEnforced(target)) {
      // limits that a proxy should hold and cannot are waived, or synth refuses
      if (!grant.waived && this.isLimited(grant)) return false;
      return !this.isNarrowed(grant, target, asked);
    }
    if (this.isNarrowed(grant, target, asked)) return false;
    // no proxy sees it: L4 stands in, or synth refuses
    if (asked.protocol !== 'TCP') return grant.waived || !this.isLimited(grant);
    if (grant.waived && this.isUnserved(target, asked)) return true;
    const rules = grant.http ?? [undefined];
    return rules.some(
      (rule) => meets(rule, asked) && satisfies(tokens, tokenOf(grant, rule), asked),
    );
  }

  /** In ambient, where no waypoint can be: it takes a label on a namespace of ours, and a Service. */
  private isUnserved(target: MeshPod, { port }: Asked): boolean {
    if (this.story.mesh !== 'ambient') return false;
    const workload = this.workloadOf(target);
    const served = workload === undefined ? [] : servedPorts(workload);
    return (
      namespaceOf(this.story, target.namespace)?.kind !== 'ours' ||
      !served.some(({ targetPort }) => targetPort === port)
    );
  }

  private isLimited({ from, http }: Grant): boolean {
    const identity = ['account', 'principal', 'authenticated', 'subject'].includes(from.kind);
    return identity || http !== undefined;
  }

  /** "Layers narrow", DESIGN.md 4. */
  private isNarrowed(grant: Grant, target: MeshPod, asked: Asked): boolean {
    if (grant.say === 'L7AccessRule' || grant.http !== undefined || grant.relaxes === true) {
      return false;
    }
    return this.story.grants.some(
      (rule) =>
        rule.say === 'L7AccessRule' &&
        this.opens(rule, target, asked) &&
        this.contains(grant.from, rule.from),
    );
  }

  /** Everybody whom the inner peer means is meant by the outer one, as far as the model knows. */
  contains(outer: Peer, inner: Peer): boolean {
    return this.once(['contains', JSON.stringify([outer, inner])], () =>
      this.isWithin(inner, outer),
    );
  }

  private isWithin(inner: Peer, outer: Peer): boolean {
    if (outer.kind === 'any') return true;
    if (isToken(outer) || isToken(inner)) return JSON.stringify(outer) === JSON.stringify(inner);
    if (outer.kind === 'all-pods') return !isAddress(inner);
    // which namespaces of others carry a label is not known
    if (inner.kind === 'namespaces') {
      return outer.kind === 'namespaces' && carries(inner.labels, outer.labels);
    }
    // nobody knows the addresses of pods beforehand
    if (isAddress(outer) && !isAddress(inner)) return false;
    const meant = this.witnesses.filter(({ end }) => this.means(inner, end, 'known'));
    return meant.length > 0 && meant.every(({ end }) => this.means(outer, end, 'known'));
  }

  private opening(target: MeshPod, asked: Asked): Grant[] {
    return this.once(['opening', target.name, asked.protocol, asked.port], () =>
      this.grants.filter((grant) => this.opens(grant, target, asked)),
    );
  }

  /** The grant's callee and ports. */
  opens(grant: Grant, target: MeshPod, { protocol, port }: Asked): boolean {
    if (!this.means(grant.to, target)) return false;
    const ports = grant.ports ?? defaultPorts(grant.to);
    return (
      ports === 'all' ||
      ports.some(
        (one) => one.protocol === protocol && one.port <= port && port <= (one.endPort ?? one.port),
      )
    );
  }

  /** Pods and addresses, as NetworkPolicy can name them. */
  private meansAtL4(peer: Peer, end: Endpoint): boolean {
    if (peer.kind !== 'account' && peer.kind !== 'principal') return this.means(peer, end);
    if (!isPod(end) || end.namespace !== peer.namespace) return false;
    const running = this.running(peer);
    return running.length === 0 || running.some(({ labels }) => carries(end.labels ?? {}, labels));
  }

  /** Whom a peer means, whatever it proves to be. */
  means(peer: Peer, end: Endpoint, view: 'actual' | 'known' = 'actual'): boolean {
    if (peer.kind === 'any') return true;
    if (peer.kind === 'nodes') return !isPod(end) && inCidr(NODES, end.ip ?? '');
    if (peer.kind === 'cidr') return inCidr(peer.cidr, end.ip ?? '');
    if (!isPod(end)) return false;
    const labels = end.labels ?? {};
    switch (peer.kind) {
      case 'all-pods':
        return true;
      case 'workload':
        return this.workloadOf(end) === peer.workload;
      case 'namespace':
      case 'authenticated':
        return end.namespace === peer.namespace;
      case 'namespaces':
        return carries(this.labelsOf(end.namespace, view), peer.labels);
      case 'pods':
        return end.namespace === peer.namespace && carries(labels, peer.labels);
      case 'gateway':
        return end.namespace === GATEWAY.namespace && carries(labels, GATEWAY.labels);
      case 'monitoring':
        return end.namespace === MONITORING.namespace && carries(labels, MONITORING.labels);
      case 'account':
        return this.runsAs(peer, end);
      case 'principal':
        return peer.trustDomain === TRUST_DOMAIN && this.runsAs(peer, end);
      case 'subject':
        return false;
    }
  }

  private runsAs(peer: { namespace: string; account: string }, pod: MeshPod): boolean {
    if (pod.namespace !== peer.namespace || pod.serviceAccount !== peer.account) return false;
    const running = this.running(peer);
    return running.length === 0 || running.some((one) => this.workloadOf(pod) === one);
  }

  private running({ namespace, account }: { namespace: string; account: string }): Workload[] {
    return this.story.workloads.filter(
      (one) => one.namespace === namespace && one.account === account,
    );
  }

  private labelsOf(name: string, view: 'actual' | 'known'): Labels {
    if (view === 'known' && !isWritable(this.story, name)) return {};
    return placesOf(this.story).find((place) => place.name === name)?.labels ?? {};
  }

  workloadOf(pod: MeshPod): Workload | undefined {
    return this.once(['workload', pod.name], () =>
      this.story.workloads.find(
        (one) => one.namespace === pod.namespace && carries(pod.labels ?? {}, one.labels),
      ),
    );
  }

  /** Whether a proxy holds what is declared about the pod. */
  isEnforced(pod: MeshPod): boolean {
    return this.story.mesh !== 'none' && pod.inMesh;
  }

  isStrict(pod: MeshPod): boolean {
    if (!this.isEnforced(pod)) return false;
    const workload = this.workloadOf(pod);
    return this.story.mtls.some(
      (one) =>
        one.namespace === pod.namespace &&
        (one.workload === undefined || one.workload === workload),
    );
  }

  isIsolated(pod: MeshPod, direction: Direction): boolean {
    return this.once(['isolated', pod.name, direction], () => this.isolates(pod, direction));
  }

  private isolates(pod: MeshPod, direction: Direction): boolean {
    if (!isWritable(this.story, pod.namespace)) return false;
    const { grants, denies } = this.story;
    const owner = namespaceOf(this.story, pod.namespace)?.isolated ?? [];
    return (
      owner.includes(direction) ||
      denies.some(
        (deny) =>
          deny.namespace === pod.namespace &&
          deny.directions.includes(direction) &&
          carries(pod.labels ?? {}, deny.labels ?? deny.workload?.labels ?? {}),
      ) ||
      grants.some(({ say, from, to }) =>
        direction === 'ingress'
          ? (say === 'ModuleIngress' || say === 'L7AccessRule') && this.means(to, pod)
          : say === 'ModuleEgress' && this.means(from, pod),
      )
    );
  }

  private once<T>(question: readonly (string | number)[], answer: () => T): T {
    const key = question.join(' ');
    if (!this.known.has(key)) this.known.set(key, answer());
    return this.known.get(key) as T;
  }

  private relaxations(): Grant[] {
    if (!this.story.withinNamespace) return [];
    return this.story.namespaces
      .filter(({ kind }) => kind === 'ours')
      .map(({ name }) => {
        const peer: Peer = { kind: 'namespace', namespace: name };
        return {
          ...{ say: 'allowFrom', from: peer, to: peer, ports: 'all', waived: false },
          relaxes: true,
        };
      });
  }

  /** The proxies' own metrics, for monitoring. */
  private plumbing(): Grant[] {
    const { story } = this;
    if (story.mesh !== 'sidecar' || !story.monitoring) return [];
    const metrics = (to: Peer): Grant => ({
      ...{ say: 'allowFrom', from: { kind: 'monitoring' }, to, waived: false },
      ports: [{ protocol: 'TCP', port: PROXY_METRICS }],
    });
    const whole = story.namespaces
      .filter(({ name }) => isWritable(story, name) && namespaceInMesh(story, name) === true)
      .map(({ name }) => metrics({ kind: 'namespace', namespace: name }));
    const single = story.workloads
      .filter((one) => namespaceInMesh(story, one.namespace) === false)
      .filter((one) => isWritable(story, one.namespace) && workloadInMesh(story, one) === true)
      .map((workload) => metrics({ kind: 'workload', workload }));
    return [...whole, ...single];
  }
}

export function isAuthenticated({ end, plaintext }: Witness): boolean {
  return isPod(end) && end.inMesh && !plaintext;
}
