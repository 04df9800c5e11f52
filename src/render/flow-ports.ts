/**
 * The ports of a flow: what it names, else what its callee offers, without what narrower rules say.
 */
import type { ProfileData } from '../cluster/profile-data';
import type { FlowData, WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { PeerData } from '../values/peer';
import type { PortData } from '../values/port';
import { describePort, PortPurpose, Protocol } from '../values/port';
import { portsWithout } from '../values/port-ranges';
import type { Problem } from '../values/problem';
import type { RenderContext } from './context';
import { flowProblem } from './flow-problem';
import { narrowingRules } from './narrowing';

const DNS_PROTOCOLS = [Protocol.UDP, Protocol.TCP];

/** DNS over both of its protocols. */
export function dnsPorts(port: number): PortData[] {
  return DNS_PROTOCOLS.map((protocol) => ({ protocol, port, purpose: PortPurpose.SERVICE }));
}

export interface ChosenPorts {
  readonly ports: readonly PortData[];
  readonly problem?: Problem;
}

/** The ports of a flow once narrower rules have taken theirs; none are left where they take all. */
export function portsOf(context: RenderContext, flow: FlowData): ChosenPorts {
  const { ports, problem } = statedPorts(context, flow);
  const taken = narrowingRules(context.model, flow).flatMap(
    (rule) => statedPorts(context, rule).ports,
  );
  return { ports: taken.length === 0 ? ports : portsWithout(ports, taken), problem };
}

/** The ports of a flow as it was declared: its own, else what its callee offers. */
export function statedPorts(context: RenderContext, flow: FlowData): ChosenPorts {
  const callee = flow.to;
  const workload =
    callee.kind === 'workload'
      ? context.model.workloads.get(workloadKey(callee.namespace, callee.name))
      : undefined;
  if (flow.ports !== undefined) return resolveNames(flow, flow.ports, workload);
  const ports = defaultPorts(context.profile, callee, workload);
  if (ports.length > 0) return { ports };
  return {
    ports: [],
    problem: flowProblem(flow, {
      code: 'no-ports',
      got: undefined,
      expected:
        workload === undefined
          ? `the ports that may be used: ${flow.toName} declares none`
          : `ports: ${flow.toName} declares no port of purpose service`,
      fix: 'ports: [Port.tcp(443)], or ports: [Port.all()]',
    }),
  };
}

function defaultPorts(
  profile: ProfileData,
  callee: PeerData,
  workload: WorkloadData | undefined,
): readonly PortData[] {
  switch (callee.kind) {
    case 'workload':
      return callee.ports ?? serviceOf(workload?.ports ?? []);
    case 'pods':
      return serviceOf(callee.ports ?? []);
    case 'fqdn':
      return [{ protocol: Protocol.TCP, port: 443, purpose: PortPurpose.SERVICE }];
    case 'kube-apiserver':
      return profile.apiServer.ports.map((port) => ({
        protocol: Protocol.TCP,
        port,
        purpose: PortPurpose.SERVICE,
      }));
    case 'dns':
      return dnsPorts(profile.dns.port);
    case 'cidr':
    case 'internet':
    case 'nodes':
    case 'any':
    case 'identity':
      return [];
  }
}

function serviceOf(ports: readonly PortData[]): PortData[] {
  return ports.filter(({ purpose }) => purpose === PortPurpose.SERVICE);
}

/** A name becomes the callee's number where we know it; addresses have no port names at all. */
function resolveNames(
  flow: FlowData,
  ports: readonly PortData[],
  workload: WorkloadData | undefined,
): ChosenPorts {
  const resolved: PortData[] = [];
  for (const port of ports) {
    const byName = port.port === undefined && port.name !== undefined;
    const declared = byName ? namedPort(workload, port) : port;
    if (byName && declared === undefined && !acceptsNames(flow.to, workload)) {
      return { ports: [], problem: unknownName(flow, port, workload) };
    }
    resolved.push(declared ?? port);
  }
  return { ports: resolved };
}

function namedPort(workload: WorkloadData | undefined, port: PortData): PortData | undefined {
  return workload?.ports.find(
    ({ name, protocol }) => name === port.name && protocol === port.protocol,
  );
}

function acceptsNames(callee: PeerData, workload: WorkloadData | undefined): boolean {
  return callee.kind === 'pods' || (workload !== undefined && workload.ports.length === 0);
}

function unknownName(flow: FlowData, port: PortData, workload: WorkloadData | undefined): Problem {
  const names = (workload?.ports ?? []).flatMap(({ name }) => name ?? []);
  return flowProblem(flow, {
    code: 'port-name-unknown',
    got: describePort(port),
    expected:
      workload === undefined
        ? 'a port number: addresses have no named ports'
        : `a port name of ${flow.toName}: ${names.length === 0 ? 'its ports have no names' : names.join(', ')}`,
    fix: 'Port.tcp(8080), or name the port where the workload declares it',
  });
}
