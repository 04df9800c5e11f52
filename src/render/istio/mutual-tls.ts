/**
 * PeerAuthentication: STRICT where it was asked for, with the narrowest port-level exceptions that
 * declared callers from outside the mesh need.
 *
 * Istio ignores port-level modes without a selector and selector policies in the root namespace,
 * and of several policies in one scope the oldest wins: so exceptions stand at workloads only, and
 * each workload has at most one policy. They do not depend on isolation: STRICT refuses plain text
 * whether or not anything else limits who may connect.
 * Source: istio/istio:pilot/pkg/security/authn/policy_applier.go
 */
import type { FlowData, FlowOrigin, WorkloadData } from '../../traffic/data';
import type { MtlsDeclaration } from '../../traffic/mesh-data';
import { workloadKey } from '../../traffic/data';
import { flowsTouching, meshDeclarations, workloadsIn } from '../../traffic/model';
import { Protocol } from '../../values/port';
import type { PortRange } from '../../values/port-ranges';
import {
  ALL_PORTS,
  countPorts,
  mergeRanges,
  numbersOf,
  rangesOf,
  rangesWithout,
} from '../../values/port-ranges';
import type { Problem } from '../../values/problem';
import { selectorMatches } from '../../values/selector';
import { inScope } from '../containment';
import type { RenderContext } from '../context';
import { portsOf } from '../flow-ports';
import { flowProblem } from '../flow-problem';
import { callersOf } from './callers';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { namespaceInMesh, workloadInMesh } from './participation';

/** As many ports are listed one by one. */
const MOST_PORTS = 256;

/**
 * The proxies' own ports are never captured and probes are rewritten to one of them; what an
 * environment relaxes is who may connect, and never mutual TLS.
 */
const NEEDING_EXCEPTIONS: ReadonlySet<FlowOrigin> = new Set(['declared', 'dns', 'baseline']);

/** Policies and problems of the mTLS declarations. */
export interface MutualTls {
  readonly objects: readonly MeshObject[];
  readonly problems: readonly Problem[];
}

/** The policies of the mTLS declarations, with the exceptions that declared flows need. */
export function mutualTls(context: RenderContext): MutualTls {
  const declared = meshDeclarations(context.model, 'mtls');
  const whole = new Set(
    declared.filter(({ workload }) => workload === undefined).map(({ namespace }) => namespace),
  );
  const namespaces = [...whole].map((namespace) =>
    peerAuthentication(namespace, 'default', { mtls: STRICT }),
  );
  const strict = [...context.model.workloads.values()].filter(
    (one) => workloadInMesh(context, one) === true && isStrict(context, one),
  );
  const plain = new Map(strict.map((one) => [one, plaintextFlows(context, one)]));
  const named = new Set(
    declared.flatMap(({ namespace, workload }) =>
      workload === undefined ? [] : [workloadKey(namespace, workload)],
    ),
  );
  const workloads = strict.flatMap((one) => {
    const flows = plain.get(one) ?? [];
    const exempt = mergeRanges(flows.flatMap(({ ports }) => ports));
    const wanted = exempt.length > 0 || named.has(workloadKey(one.namespace, one.name));
    return wanted ? [workloadPolicy(one, exempt)] : [];
  });
  return {
    objects: [...namespaces, ...workloads],
    problems: [
      ...[...plain].flatMap(([workload, flows]) => exceptionProblems(workload, flows)),
      ...[...whole].flatMap((namespace) => unnamedProblems(context, namespace)),
      ...declared.filter((one) => isOutside(context, one)).map(outsideProblem),
    ],
  };
}

/** Whether the workload accepts mutual TLS only, but for exceptions. */
export function isStrict({ model }: RenderContext, workload: WorkloadData): boolean {
  return meshDeclarations(model, 'mtls').some(
    (one) =>
      one.namespace === workload.namespace &&
      (one.workload === undefined || one.workload === workload.name),
  );
}

/** Whether pods of a namespace accept mutual TLS only, whatever workload they are of. */
export function isStrictNamespace({ model }: RenderContext, namespace: string): boolean {
  return meshDeclarations(model, 'mtls').some(
    (one) => one.namespace === namespace && one.workload === undefined,
  );
}

/** Whether nobody who is meant has a proxy: STRICT would be written and never read. */
function isOutside(context: RenderContext, { namespace, workload }: MtlsDeclaration): boolean {
  const here = workloadsIn(context.model, namespace);
  const inside = (one: WorkloadData): boolean => workloadInMesh(context, one) === true;
  if (workload !== undefined) return !here.some((one) => one.name === workload && inside(one));
  return namespaceInMesh(context.model, namespace) !== true && !here.some(inside);
}

function outsideProblem({ namespace, workload, by }: MtlsDeclaration): Problem {
  return {
    code: 'mtls-out-of-mesh',
    where: by,
    got: workload === undefined ? namespace : workloadKey(namespace, workload),
    expected: 'pods in the mesh: those outside have no proxy that could ask for mutual TLS',
    fix: 'mesh: MeshMembership.IN where they are declared, or no IstioMtls',
  };
}

/** A declared flow whose callers come in plain text, or may. */
interface PlaintextFlow {
  readonly flow: FlowData;
  readonly ports: readonly PortRange[];
  readonly unknown: boolean;
}

function plaintextFlows(context: RenderContext, workload: WorkloadData): PlaintextFlow[] {
  return flowsTouching(context.model, workload.namespace, 'ingress')
    .filter(({ to }) => means(context, to, workload))
    .flatMap((flow) => plaintextPart(context, flow));
}

function plaintextPart(context: RenderContext, flow: FlowData): PlaintextFlow[] {
  if (!NEEDING_EXCEPTIONS.has(flow.origin) || isTokenOnly(flow)) return [];
  const kinds = callersOf(context, flow.from).map(({ kind }) => kind);
  const ports = rangesOf(portsOf(context, flow).ports, Protocol.TCP);
  if (ports.length === 0 || kinds.every((kind) => kind === 'identified')) return [];
  return [{ flow, ports, unknown: kinds.includes('unknown') }];
}

/** Whether the callee of a flow is this workload, or a group of pods with it among them. */
function means(context: RenderContext, to: FlowData['to'], workload: WorkloadData): boolean {
  if (to.kind === 'workload') {
    return to.namespace === workload.namespace && to.name === workload.name;
  }
  return (
    to.kind === 'pods' &&
    inScope(context.model, to.namespaces, workload.namespace) &&
    selectorMatches(to.pods, workload.podLabels)
  );
}

/** A token says nothing about the connection: its bearer comes with the flows that let it connect. */
function isTokenOnly({ from }: FlowData): boolean {
  return from.kind === 'identity' && from.identity.kind === 'jwt';
}

const STRICT = { mode: 'STRICT' };
const PERMISSIVE = { mode: 'PERMISSIVE' };

/** The mode of most ports stands for the workload, that of the others is listed. */
function workloadPolicy(workload: WorkloadData, exempt: readonly PortRange[]): MeshObject {
  const others = rangesWithout(ALL_PORTS, exempt);
  const open = countPorts(exempt) > countPorts(others);
  const listed = open ? others : exempt;
  const numbers = countPorts(listed) > MOST_PORTS ? [] : numbersOf(listed);
  const ports = numbers.map((port) => [String(port), open ? STRICT : PERMISSIVE] as const);
  return peerAuthentication(workload.namespace, `${workload.name}-mtls`, {
    selector: { matchLabels: workload.labels },
    mtls: open ? PERMISSIVE : STRICT,
    ...(ports.length > 0 && { portLevelMtls: Object.fromEntries(ports) }),
  });
}

function peerAuthentication(
  namespace: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
): MeshObject {
  const identity = { apiVersion: SECURITY, kind: 'PeerAuthentication', namespace, name };
  return { ...identity, spec, flows: [], baseline: false, allows: false };
}

function exceptionProblems(workload: WorkloadData, flows: readonly PlaintextFlow[]): Problem[] {
  const exempt = mergeRanges(flows.flatMap(({ ports }) => ports));
  const count = countPorts(exempt);
  const tooMany = Math.min(count, countPorts(ALL_PORTS) - count) > MOST_PORTS;
  return [
    ...flows.filter(({ unknown }) => unknown).map(({ flow }) => unknownCaller(flow)),
    ...(tooMany
      ? flows
          .filter(({ ports }) => countPorts(ports) > MOST_PORTS / 2)
          .map(({ flow }) => tooManyPorts(flow, workload))
      : []),
  ];
}

/** Exceptions cannot be written for pods that are no workload: labels of theirs may be a workload's. */
function unnamedProblems(context: RenderContext, namespace: string): Problem[] {
  if (namespaceInMesh(context.model, namespace) !== true) return [];
  return flowsTouching(context.model, namespace, 'ingress')
    .filter(({ to }) => to.kind === 'pods' && !isOfWorkloads(context, to.pods, namespace))
    .flatMap((flow) => plaintextPart(context, flow))
    .map(({ flow }) => unnamedCallee(flow));
}

/** Whether the pods are chosen by the labels of a declared workload. */
function isOfWorkloads(
  { model }: RenderContext,
  pods: Parameters<typeof selectorMatches>[0],
  namespace: string,
): boolean {
  return workloadsIn(model, namespace).some(({ labels }) => {
    const wanted = Object.entries(pods.matchLabels);
    return (
      Object.entries(labels).every(([key, value]) =>
        wanted.some(([one, of]) => one === key && of === value),
      ) && wanted.length > 0
    );
  });
}

function unknownCaller(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'caller-mesh-unknown',
    got: flow.fromName,
    expected: `a caller that is known to be in the mesh or out of it: ${flow.toName} accepts mutual TLS only`,
    fix: `mesh: MeshMembership.IN or MeshMembership.OUT where ${flow.fromName} is declared`,
  });
}

function tooManyPorts(flow: FlowData, { namespace, name }: WorkloadData): Problem {
  return flowProblem(flow, {
    code: 'plaintext-ports',
    got: `plain text from ${flow.fromName} on more than ${String(MOST_PORTS)} ports`,
    expected: `few ports, or all of them: ${workloadKey(namespace, name)} accepts mutual TLS only, and exceptions are listed port by port`,
    fix: 'name the ports that are needed, or Port.allTcp()',
  });
}

function unnamedCallee(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'plaintext-to-unnamed-pods',
    got: `plain text from ${flow.fromName} to ${flow.toName}`,
    expected:
      'a declared workload as the callee: its namespace accepts mutual TLS only, and an exception needs the labels of one workload',
    fix: 'grant to each Workload, or mesh: MeshMembership.IN for the caller',
  });
}
