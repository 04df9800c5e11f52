/**
 * Whose policy a flow is written into: the pods at its end that are isolated and ours to write.
 *
 * A policy isolates whatever it selects, so a grant may only ever select pods that are isolated
 * already (a grant never takes away). Every end of a flow is therefore paired with the isolations
 * of its namespace, and the pair names the pods that get the policy.
 */
import { createHash } from 'node:crypto';
import type { Direction, FlowData, IsolationData, WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import { endOf, flowsTouching, isolationsIn, workloadsIn } from '../traffic/model';
import { inScope } from './containment';
import type { SelectorData } from '../values/selector';
import {
  EVERYTHING,
  intersectSelectors,
  isEverything,
  selectorKey,
  selectorMatches,
} from '../values/selector';

/** Policies that a reader expects to find apart from a workload's own. */
export type PolicyGroup = 'own' | 'dns' | 'baseline' | 'mesh';

/** One policy object: some pods, one direction. */
export interface Subject {
  readonly namespace: string;
  readonly direction: Direction;
  readonly group: PolicyGroup;
  readonly pods: SelectorData;
  /** The workload whose pods these are. */
  readonly workload?: string;
}

/** A policy object with the flows that are written into it. */
export interface Assignment {
  readonly subject: Subject;
  readonly flows: readonly FlowData[];
}

/** Where policies are looked for. */
export interface Place {
  readonly namespace: string;
  readonly direction: Direction;
}

/** Pods at one end of a flow, in one namespace. */
interface End {
  readonly pods: SelectorData;
  readonly workload?: WorkloadData;
}

/** Equal for subjects that share one object. */
export function subjectKey(subject: Subject): string {
  const { namespace, direction, group, workload, pods } = subject;
  return JSON.stringify([namespace, direction, group, workload ?? null, selectorKey(pods)]);
}

/** Name of the policy of a subject, without the namespace's suffix: `model-api-ingress`. */
export function subjectName({ direction, group, pods, workload }: Subject): string {
  const whole = isEverything(pods) && workload === undefined;
  switch (group) {
    case 'own':
      return `${podsName(pods, workload)}-${direction}`;
    case 'dns':
      return whole ? 'allow-dns' : `allow-dns-${podsName(pods, workload)}`;
    case 'mesh':
      return whole
        ? `allow-mesh-${direction}`
        : `allow-mesh-${podsName(pods, workload)}-${direction}`;
    case 'baseline':
      return whole ? `baseline-${direction}` : `baseline-${podsName(pods, workload)}-${direction}`;
  }
}

/** How pods are called in names: the workload, or their labels. */
export function podsName(pods: SelectorData, workload?: string): string {
  if (workload !== undefined) return workload;
  if (isEverything(pods)) return 'all-pods';
  const parts = Object.entries(pods.matchLabels).map(([key, value]) => `${key}-${value}`);
  const plain = parts.join('-');
  if (pods.matchExpressions.length === 0 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(plain)) {
    return `pods-${plain}`;
  }
  // what a name cannot say is told apart by a digest of the selector
  const readable = plain.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const digest = createHash('sha256').update(selectorKey(pods)).digest('hex').slice(0, 8);
  return ['pods', readable.replace(/^-|-$/g, ''), digest].filter((part) => part !== '').join('-');
}

/**
 * The policies that a flow may be written into in a namespace, whatever else is declared later:
 * this only ever grows, so that the set of objects does not depend on the order of declaration.
 */
export function possibleSubjects(model: ModelState, place: Place, flow: FlowData): Subject[] {
  const ends = endsIn(model, place, flow);
  const isolations = isolated(model, place);
  return isolations.flatMap((isolation) => subjectsUnder({ model, isolation, ends, place }, flow));
}

/** Every policy of a namespace and direction with the flows that are written into it. */
export function assignFlows(model: ModelState, place: Place): Assignment[] {
  const isolations = isolated(model, place);
  const whole = isolations.find(({ pods }) => isEverything(pods));
  const effective = whole === undefined ? isolations : [whole];
  const assigned = new Map<string, { subject: Subject; flows: Set<FlowData> }>();
  for (const flow of flowsTouching(model, place.namespace, place.direction)) {
    const ends = endsIn(model, place, flow);
    const subjects = effective.flatMap((isolation) =>
      subjectsUnder({ model, isolation, ends, place }, flow),
    );
    for (const subject of subjects) {
      const key = subjectKey(subject);
      const entry = assigned.get(key) ?? { subject, flows: new Set() };
      assigned.set(key, { subject, flows: entry.flows.add(flow) });
    }
  }
  return [...assigned.values()].map(({ subject, flows }) => ({ subject, flows: [...flows] }));
}

/** Pods at the end of a flow that lie in the namespace. */
function endsIn(model: ModelState, { namespace, direction }: Place, flow: FlowData): End[] {
  const peer = endOf(flow, direction);
  switch (peer.kind) {
    case 'workload': {
      const workload = model.workloads.get(workloadKey(peer.namespace, peer.name));
      return workload === undefined || peer.namespace !== namespace
        ? []
        : [endOfWorkload(workload)];
    }
    case 'pods':
      return inScope(model, peer.namespaces, namespace) ? [{ pods: peer.pods }] : [];
    case 'any':
      return [{ pods: EVERYTHING }];
    case 'identity':
      return endsOfIdentity(model, namespace, peer.identity);
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return [];
  }
}

function endsOfIdentity(
  model: ModelState,
  namespace: string,
  identity: Extract<ReturnType<typeof endOf>, { kind: 'identity' }>['identity'],
): End[] {
  // a token says nothing about the pod that presents it
  if (identity.kind === 'jwt') return [{ pods: EVERYTHING }];
  if (identity.namespace !== namespace) return [];
  if (identity.kind === 'namespace') return [{ pods: EVERYTHING }];
  return workloadsIn(model, namespace)
    .filter(({ serviceAccount }) => serviceAccount === identity.name)
    .map(endOfWorkload);
}

function endOfWorkload(workload: WorkloadData): End {
  return { pods: { matchLabels: workload.labels, matchExpressions: [] }, workload };
}

function isolated(model: ModelState, { namespace, direction }: Place): IsolationData[] {
  const applying = isolationsIn(model, namespace).filter(({ directions }) =>
    directions.includes(direction),
  );
  const distinct = new Map(
    applying.map((isolation) => [
      JSON.stringify([selectorKey(isolation.pods), isolation.workload ?? null]),
      isolation,
    ]),
  );
  return [...distinct.values()];
}

interface Meeting {
  readonly model: ModelState;
  readonly isolation: IsolationData;
  readonly ends: readonly End[];
  readonly place: Place;
}

function subjectsUnder({ model, isolation, ends, place }: Meeting, flow: FlowData): Subject[] {
  const { namespace, direction } = place;
  const group = groupOf(flow);
  return ends.flatMap((end) => {
    const pods = isolatedPart(model, end, isolation);
    if (pods === undefined || !needs(model, flow, place, pods.workload)) return [];
    return [{ namespace, direction, group, ...pods }];
  });
}

/** What proxies need is nothing to a workload that has none. */
function needs(
  model: ModelState,
  { origin }: FlowData,
  { namespace }: Place,
  workload: string | undefined,
): boolean {
  if (origin !== 'mesh' || workload === undefined) return true;
  return model.workloads.get(workloadKey(namespace, workload))?.inMesh !== false;
}

type IsolatedPart = Pick<Subject, 'pods' | 'workload'> & { readonly group?: 'own' };

/** The pods of an end that the isolation covers; a workload's own policy takes what concerns it. */
function isolatedPart(
  model: ModelState,
  { pods, workload }: End,
  isolation: IsolationData,
): IsolatedPart | undefined {
  if (workload !== undefined) return isolatedPods(workload, isolation.pods);
  if (isEverything(isolation.pods)) return { pods };
  const own = ownWorkload(model, isolation);
  if (own !== undefined && isolatedPods(own, pods)?.workload !== undefined) {
    return { pods: isolation.pods, workload: own.name, group: 'own' };
  }
  const both = intersectSelectors(pods, isolation.pods);
  return both === undefined ? undefined : { pods: both };
}

/** The workload whose own policy isolates; in a namespace of others its name may be ours by chance. */
function ownWorkload(
  model: ModelState,
  { namespace, workload: name, pods }: IsolationData,
): WorkloadData | undefined {
  const named = name === undefined ? undefined : model.workloads.get(workloadKey(namespace, name));
  if (named === undefined) return undefined;
  return selectorKey(endOfWorkload(named).pods) === selectorKey(pods) ? named : undefined;
}

/**
 * The pods of a workload that a selector chooses: all of them where their known labels decide. What
 * those leave open (`stage notin (canary)`) may exempt some of the pods, so it stays a requirement:
 * a policy on all of them would isolate the exempted ones.
 */
function isolatedPods(
  { name, labels, podLabels }: WorkloadData,
  selector: SelectorData,
): IsolatedPart | undefined {
  if (!selectorMatches(selector, podLabels)) return undefined;
  const open = selector.matchExpressions.filter(({ key }) => !Object.hasOwn(podLabels, key));
  const pods = { matchLabels: labels, matchExpressions: open };
  return open.length === 0 ? { pods, workload: name } : { pods };
}

function groupOf(flow: FlowData): PolicyGroup {
  switch (flow.origin) {
    case 'declared':
    case 'implied':
      return 'own';
    case 'dns':
    case 'mesh':
      return flow.origin;
    case 'baseline':
    case 'environment':
      return 'baseline';
  }
}
