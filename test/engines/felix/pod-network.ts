/**
 * Pods as Calico's CNI plugin wires them: a network namespace each, joined to the node's by a veth
 * whose name tells the pod, with addresses of full length and the node as the way to everybody else.
 */

import { createHash } from 'node:crypto';
import { output } from '../harness/output';
import type { Run } from '../harness/run';

/** The hardware address of every node's end, and the link-local addresses of the node behind it. */
const GATEWAY = { mac: 'ee:ee:ee:ee:ee:ee', v4: '169.254.1.1', v6: 'fe80::ecee:eeff:feee:eeee' };
/** Of every pod's end: each link has only one. */
const POD_MAC = '02:00:00:00:00:01';

const NODE_SETTINGS = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'];

/** Name and addresses, at most one of a family. */
export interface PodAt {
  readonly namespace: string;
  readonly name: string;
  readonly ips?: readonly string[];
}

export class PodNetwork {
  private readonly made = new Map<string, { readonly ips: string; readonly name: string }>();

  private constructor(
    private readonly run: Run,
    /** Network namespace of the node. */
    readonly node: string,
  ) {}

  static async create(run: Run): Promise<PodNetwork> {
    const node = await run.networkNamespace('node');
    await output('ip', ['netns', 'exec', node, 'sysctl', '-qw', ...NODE_SETTINGS]);
    return new PodNetwork(run, node);
  }

  /** Makes the network namespaces of pods that have none. */
  async place(pods: readonly PodAt[]): Promise<void> {
    for (const pod of pods) {
      const [id, ips] = [idOf(pod), (pod.ips ?? []).join(' ')];
      const had = this.made.get(id);
      if (had === undefined) this.made.set(id, { ips, name: await this.make(pod) });
      else if (had.ips !== ips) throw new Error(`${id} is ${had.ips} and cannot become ${ips}`);
    }
  }

  /** Of a pod that was placed. */
  namespaceOf(pod: PodAt): string {
    const made = this.made.get(idOf(pod));
    if (made === undefined) throw new Error(`nobody placed ${idOf(pod)}`);
    return made.name;
  }

  private async make({ namespace, name, ips = [] }: PodAt): Promise<string> {
    const pod = await this.run.networkNamespace(`pod${String(this.made.size)}`);
    const hash = createHash('sha1').update(`${namespace}.${name}`).digest('hex');
    const device = `cali${hash.slice(0, 11)}`; // as Felix derives it from a Pod object
    await batch(this.node, [
      `link add ${device} type veth peer name eth0 address ${POD_MAC} netns ${pod}`,
      `link set ${device} address ${GATEWAY.mac} up`,
      // neighbours are told and not asked for: nothing is late, and policy has no say in it
      ...ips.flatMap((ip) => [
        `neigh add ${ip} lladdr ${POD_MAC} dev ${device}`,
        `route replace ${ip} dev ${device}`,
      ]),
    ]);
    await batch(pod, [
      'link set eth0 up',
      ...ips.map((ip) => `addr add ${ip} dev eth0${isV6(ip) ? ' nodad' : ''}`),
      ...ips
        .map((ip) => gatewayOf(ip))
        .map((ip) => `neigh add ${ip} lladdr ${GATEWAY.mac} dev eth0`),
      ...ips.map((ip) => `route add default via ${gatewayOf(ip)} dev eth0 onlink`),
    ]);
    return pod;
  }
}

export function isV6(ip: string): boolean {
  return ip.includes(':');
}

/** Pairs of addresses of one family. */
export function familiesOf(from: PodAt, to: PodAt): (readonly [from: string, to: string])[] {
  return (from.ips ?? []).flatMap((ip) =>
    (to.ips ?? []).filter((other) => isV6(other) === isV6(ip)).map((other) => [ip, other] as const),
  );
}

export function idOf({ namespace, name }: PodAt): string {
  return `${namespace}/${name}`;
}

function gatewayOf(ip: string): string {
  return isV6(ip) ? GATEWAY.v6 : GATEWAY.v4;
}

async function batch(networkNamespace: string, lines: readonly string[]): Promise<void> {
  await output('ip', ['-n', networkNamespace, '-batch', '-'], { input: lines.join('\n') });
}
