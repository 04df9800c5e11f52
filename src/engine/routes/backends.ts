/** The pods behind what a route, or a question, names: a Service, one of its ports, a subset. */
import type { ServiceFacts, ServicePort } from '../../read/cluster';
import type { Protocol } from '../../values/port';
import { carriesLabels } from '../../values/selector';
import type { Target } from '../behind';
import { podsBehind, serviceNamed, targetsBehind } from '../behind';
import type { Because } from '../layer';
import type { World } from '../world';
import type { Backend, BrokenLink } from './declared';
import { closed, open } from './declared';

export interface Behind {
  readonly service?: ServiceFacts;
  readonly port?: ServicePort;
  readonly targets: readonly Target[];
  readonly broken: readonly BrokenLink[];
}

export function behind(world: World, backend: Backend, protocol?: Protocol): Behind {
  const { namespace, name, because } = backend;
  const id = `${namespace}/${name}`;
  const service = serviceNamed(world, namespace, name);
  if (service === undefined) {
    const by = because === undefined ? [] : [because];
    return { targets: [], broken: [open('route-target', `no Service ${id} was read`, ...by)] };
  }
  const own = service.resource === undefined ? because : { resource: service.resource };
  const by = own === undefined ? [] : [own];
  const port = portOf(service, backend.port, protocol);
  if (port === undefined) {
    const says = `Service ${id} has no ${missingText(service, backend.port, protocol)}`;
    return { service, targets: [], broken: [closed(says, ...by)] };
  }
  return { service, port, ...targetsOf(world, { service, port, backend, by }) };
}

/** `port 8080, but 80`; protocols are told where they tell ports apart. */
function missingText(
  { ports }: ServiceFacts,
  asked: number | string | undefined,
  protocol?: Protocol,
): string {
  const isOther = protocol !== undefined && ports.some((one) => one.protocol !== protocol);
  const names = ports.map((one) => `${isOther ? `${one.protocol} ` : ''}${one.port}`);
  const own = asked === undefined ? 'single port' : `port ${String(asked)}`;
  return `${isOther ? `${protocol} ` : ''}${own}, but ${names.join(', ') || 'none'}`;
}

function portOf(
  { ports }: ServiceFacts,
  asked: number | string | undefined,
  protocol?: Protocol,
): ServicePort | undefined {
  if (asked === undefined) return ports.length === 1 ? ports[0] : undefined;
  return ports.find(
    (one) =>
      (typeof asked === 'number' ? one.port === asked : one.name === asked) &&
      (protocol === undefined || one.protocol === protocol),
  );
}

function targetsOf(
  world: World,
  {
    service,
    port,
    backend,
    by,
  }: {
    readonly service: ServiceFacts;
    readonly port: ServicePort;
    readonly backend: Backend;
    readonly by: readonly Because[];
  },
): Pick<Behind, 'targets' | 'broken'> {
  const { namespace, name, labels } = backend;
  const id = `Service ${namespace}/${name}`;
  if (service.selector === undefined && service.workload === undefined) {
    const says =
      service.type === 'ExternalName' ? `${id} is a name outside` : `${id} selects no pods`;
    return { targets: [], broken: [open('route-target', says, ...by)] };
  }
  const places = podsBehind(world, service);
  const isMeant = ({ place }: Target): boolean =>
    labels === undefined || carriesLabels(world.classes[place]?.pods.labels ?? {}, labels);
  const targets = targetsBehind(world, service, port).filter(isMeant);
  if (targets.length > 0) return { targets, broken: [] };
  // more pods may carry the labels than those that were read; what these listen on is known
  if (places.length === 0 || labels !== undefined) {
    const which = labels === undefined ? '' : ' of the subset';
    return { targets, broken: [open('route-target', `no pods${which} of ${id} were read`, ...by)] };
  }
  const says = `no pods of ${id} have a port ${String(port.targetPort)}`;
  return { targets, broken: [closed(says, ...by)] };
}
