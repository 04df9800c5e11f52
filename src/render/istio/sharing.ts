/**
 * Callers whom Istio takes for each other must not gain by it: whoever NetworkPolicy lets connect to
 * a port, and a rule on that port admits, must have been declared to send what the rule allows.
 *
 * Decided at one port after the other, over all policies that select the callee: NetworkPolicy tells
 * callers by labels and addresses, the mesh by identities, and each is wider than the other somewhere.
 */
import { describeHttp } from '../../values/http';
import type { PeerData } from '../../values/peer';
import { Protocol } from '../../values/port';
import type { PortRange } from '../../values/port-ranges';
import { ALL_PORTS, holdsPort, rangesOf } from '../../values/port-ranges';
import type { Problem } from '../../values/problem';
import { EVERYTHING } from '../../values/selector';
import type { FlowData } from '../../traffic/data';
import { containsPeer, workloadsOf } from '../containment';
import type { RenderContext } from '../context';
import { portsOf } from '../flow-ports';
import { flowProblem } from '../flow-problem';
import { admittedParts } from './admission';
import { inPlain, overHbone } from './ambient-grants';
import type { Permission } from './authorization';
import { permissionsOf } from './authorization';
import { writtenPorts } from './ports';
import { requestsContain } from './requests';
import type { PolicyTarget } from './targets';

/** Whom a flow lets connect, and on which ports, as NetworkPolicy says it. */
interface Connecting {
  readonly flow: FlowData;
  readonly peer: PeerData;
  /** Whether nobody is let in but the caller of the flow. */
  readonly exact: boolean;
  readonly ports: readonly PortRange[];
  /** Ports on which it comes without an identity, if it goes around its proxy or has none. */
  readonly plain: readonly PortRange[];
}

/** Callers who would be allowed more than was declared, once for each pair of flows. */
export function sharingProblems(
  context: RenderContext,
  target: PolicyTarget,
  alsoConnecting: readonly FlowData[] = [],
): Problem[] {
  const permissions = permissionsOf(context, target.flows).map((permission) => ({
    ...permission,
    admitted: writtenPorts(permission.ports).admitted,
  }));
  const connecting = [...new Set([...target.flows, ...alsoConnecting])].map((flow) =>
    connectingBy(context, flow),
  );
  const found = new Map<string, Problem>();
  const ranges = [
    ...permissions.flatMap(({ admitted, ports }) => [admitted, ports]),
    ...connecting.map(({ ports }) => ports),
  ];
  for (const port of telling(ranges)) {
    const declared = permissions.filter(({ ports }) => holdsPort(ports, port));
    const rules = permissions.filter(({ admitted }) => holdsPort(admitted, port));
    for (const other of connecting.filter(({ ports }) => holdsPort(ports, port))) {
      for (const rule of rules) {
        const key = JSON.stringify([rule.flow.from, rule.requests, other.flow.from]);
        // a rule that cannot list its ports is another problem than two callers
        if (other.flow === rule.flow && !holdsPort(rule.ports, port)) continue;
        const meets = rule.caller.kind !== 'outside' || holdsPort(other.plain, port);
        if (!meets || found.has(key) || !gains(context, { rule, other, declared })) continue;
        found.set(key, sharedProblem(other.flow, rule));
      }
    }
  }
  return [...found.values()];
}

function gains(
  context: RenderContext,
  meeting: {
    readonly rule: Permission;
    readonly other: Connecting;
    readonly declared: readonly Permission[];
  },
): boolean {
  const { rule, other, declared } = meeting;
  return admittedParts(context, rule.caller, other.peer).some((part) => {
    const own = declared
      .filter(
        ({ flow }) =>
          (other.exact && flow === other.flow) ||
          isToken(flow) ||
          containsPeer(context.model, flow.from, part),
      )
      .map(({ requests }) => requests);
    return !requestsContain(own, rule.requests);
  });
}

function connectingBy(context: RenderContext, flow: FlowData): Connecting {
  const ports = rangesOf(portsOf(context, flow).ports, Protocol.TCP);
  // HBONE hides the inner port: who may use one of them reaches the proxy of all
  const hidden = ports.length > 0 && overHbone(context, flow);
  const peer = connectingPeer(context, flow.from);
  return {
    flow,
    peer,
    exact: peer === flow.from,
    ports: hidden ? ALL_PORTS : ports,
    plain: inPlain(context, flow) ? ports : [],
  };
}

/** NetworkPolicy knows no identities: of unknown pods it lets in the whole namespace. */
function connectingPeer({ model }: RenderContext, peer: PeerData): PeerData {
  if (peer.kind !== 'identity') return peer;
  const { identity } = peer;
  if (identity.kind === 'jwt') return { kind: 'any' };
  if (identity.kind !== 'namespace' && workloadsOf(model, identity).length > 0) return peer;
  return {
    kind: 'pods',
    namespaces: { kind: 'names', names: [identity.namespace] },
    pods: EVERYTHING,
  };
}

function isToken({ from }: FlowData): boolean {
  return from.kind === 'identity' && from.identity.kind === 'jwt';
}

/** One port of each stretch on which the same ranges apply. */
function telling(lists: readonly (readonly PortRange[])[]): number[] {
  return [...new Set(lists.flat().flatMap(([low, high]) => [low, high + 1]))].sort((a, b) => a - b);
}

function sharedProblem(other: FlowData, rule: Permission): Problem {
  const requests = rule.requests.map(describeHttp).join('; ');
  const gained = requests === '' ? 'every request' : requests;
  return flowProblem(other, {
    code: 'shared-identity',
    got: `${other.fromName}, whom the mesh cannot tell from ${rule.flow.fromName}`,
    expected: `a service account of its own: it would be allowed ${gained}`,
    fix: 'serviceAccount of its own for each of the two, both in the mesh',
  });
}
