/**
 * Ports: what a workload listens on and what a flow may use, as immutable values.
 *
 * Numbers are pod (container) ports, 1..65535 inclusive; policies act after Service DNAT.
 * A port says what it is for: flows that name no ports use the callee's `service` ports only,
 * so that metrics, health, admin, peer and webhook ports are never opened by accident.
 */
import { fixFields } from './immutable';
import { expectedPortName } from './names';
import { refuse } from './problem';

/** Transport protocols that NetworkPolicy knows. */
export enum Protocol {
  /** Transmission Control Protocol. */
  TCP = 'TCP',
  /** User Datagram Protocol. */
  UDP = 'UDP',
  /** Stream Control Transmission Protocol. */
  SCTP = 'SCTP',
}

/** What a port is for. */
export enum PortPurpose {
  /** What the workload exists for. The default ports of flows. */
  SERVICE = 'service',
  /** Scraped by monitoring. */
  METRICS = 'metrics',
  /** Probed by the kubelet or a load balancer. */
  HEALTH = 'health',
  /** Administration and debugging. */
  ADMIN = 'admin',
  /** Among the pods of one distributed job or database. */
  PEER = 'peer',
  /** Called by the API server. */
  WEBHOOK = 'webhook',
}

/** Name and purpose of a port. */
export interface PortOptions {
  /**
   * Name of the container port, an IANA service name.
   *
   * @default - the port has no name
   */
  readonly name?: string;

  /**
   * What the port is for.
   *
   * @default PortPurpose.SERVICE
   */
  readonly purpose?: PortPurpose;
}

/** Options of a port that is known by name only. */
export interface NamedPortOptions {
  /**
   * Protocol of the container port.
   *
   * @default Protocol.TCP
   */
  readonly protocol?: Protocol;

  /**
   * What the port is for.
   *
   * @default PortPurpose.SERVICE
   */
  readonly purpose?: PortPurpose;
}

/** The fields of a port as plain data; a port without `port` and `name` stands for all ports. */
export interface PortData {
  /** Absent: every protocol. */
  readonly protocol?: Protocol;
  readonly port?: number;
  /** Last port of a range, inclusive. */
  readonly endPort?: number;
  readonly name?: string;
  readonly purpose: PortPurpose;
  /** `http`, `https` or `grpc`, where the application protocol is known. */
  readonly appProtocol?: string;
}

/**
 * A port, a range of ports, or all ports of a protocol.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class Port {
  /** A TCP port. */
  public static tcp(port: number, options: PortOptions = {}): Port {
    return Port.single('Port.tcp', port, options, { protocol: Protocol.TCP });
  }

  /** A UDP port. */
  public static udp(port: number, options: PortOptions = {}): Port {
    return Port.single('Port.udp', port, options, { protocol: Protocol.UDP });
  }

  /** An SCTP port. */
  public static sctp(port: number, options: PortOptions = {}): Port {
    return Port.single('Port.sctp', port, options, { protocol: Protocol.SCTP });
  }

  /** A TCP port that speaks HTTP in plain text (a mesh may encrypt it). */
  public static http(port: number, options: PortOptions = {}): Port {
    return Port.single('Port.http', port, options, { protocol: Protocol.TCP, appProtocol: 'http' });
  }

  /** A TCP port that terminates TLS itself. A mesh sees no requests in it. */
  public static https(port: number, options: PortOptions = {}): Port {
    return Port.single('Port.https', port, options, {
      protocol: Protocol.TCP,
      appProtocol: 'https',
    });
  }

  /** A TCP port that speaks gRPC. Every gRPC call is an HTTP POST. */
  public static grpc(port: number, options: PortOptions = {}): Port {
    return Port.single('Port.grpc', port, options, { protocol: Protocol.TCP, appProtocol: 'grpc' });
  }

  /** TCP ports from `low` to `high`, both inclusive. */
  public static tcpRange(low: number, high: number, options: PortOptions = {}): Port {
    return Port.range('Port.tcpRange', [low, high], options, Protocol.TCP);
  }

  /** UDP ports from `low` to `high`, both inclusive. */
  public static udpRange(low: number, high: number, options: PortOptions = {}): Port {
    return Port.range('Port.udpRange', [low, high], options, Protocol.UDP);
  }

  /** The container port of that name, on each destination pod its own number. */
  public static named(name: string, options: NamedPortOptions = {}): Port {
    const where = 'Port.named';
    checkPortName(where, name);
    const { protocol = Protocol.TCP, purpose = PortPurpose.SERVICE } = options;
    return new Port({
      protocol: checkMember(`${where}: protocol`, protocol, Protocol),
      name,
      purpose: checkMember(`${where}: purpose`, purpose, PortPurpose),
    });
  }

  /** Every TCP port. */
  public static allTcp(): Port {
    return new Port({ protocol: Protocol.TCP, purpose: PortPurpose.SERVICE });
  }

  /** Every UDP port. */
  public static allUdp(): Port {
    return new Port({ protocol: Protocol.UDP, purpose: PortPurpose.SERVICE });
  }

  /** Every SCTP port. */
  public static allSctp(): Port {
    return new Port({ protocol: Protocol.SCTP, purpose: PortPurpose.SERVICE });
  }

  /** Every port of every protocol. */
  public static all(): Port {
    return new Port({ purpose: PortPurpose.SERVICE });
  }

  private static single(
    where: string,
    port: number,
    options: PortOptions,
    { protocol, appProtocol }: Pick<PortData, 'protocol' | 'appProtocol'>,
  ): Port {
    checkNumber(`${where}: port`, port, `${where}(8080)`);
    return Port.of(where, { protocol, port, appProtocol }, options);
  }

  private static range(
    where: string,
    [low, high]: readonly [number, number],
    options: PortOptions,
    protocol: Protocol,
  ): Port {
    checkNumber(`${where}: low`, low, `${where}(9000, 9010)`);
    checkNumber(`${where}: high`, high, `${where}(9000, 9010)`);
    if (high < low) {
      refuse({
        code: 'port-range-reversed',
        where: `${where}: high`,
        got: high,
        expected: `an integer from ${String(low)} (low) to 65535`,
        fix: `${where}(${String(high)}, ${String(low)})`,
      });
    }
    return Port.of(where, { protocol, port: low, endPort: high }, options);
  }

  private static of(
    where: string,
    fields: Omit<PortData, 'purpose' | 'name'>,
    options: PortOptions,
  ): Port {
    const { name, purpose = PortPurpose.SERVICE } = options;
    if (name !== undefined) checkPortName(`${where}: name`, name);
    return new Port({
      ...fields,
      name,
      purpose: checkMember(`${where}: purpose`, purpose, PortPurpose),
    });
  }

  /** Transport protocol; undefined means every protocol. */
  public readonly protocol?: Protocol;
  /** Number, or the first of a range; undefined for a port known by name only, and for all ports. */
  public readonly port?: number;
  /** Last number of a range, inclusive. */
  public readonly endPort?: number;
  /** Name of the container port. */
  public readonly name?: string;
  /** What the port is for. */
  public readonly purpose: PortPurpose;
  /** `http`, `https` or `grpc`, where it is known. */
  public readonly appProtocol?: string;

  private constructor(data: PortData) {
    this.protocol = data.protocol;
    this.port = data.port;
    this.endPort = data.endPort;
    this.name = data.name;
    this.purpose = data.purpose;
    this.appProtocol = data.appProtocol;
    fixFields(this);
  }

  /** Readable form: `TCP 8080`, `UDP 9000-9010`, `TCP http`, `all TCP ports`, `all ports`. */
  public toString(): string {
    return describePort(this);
  }
}

/** The plain data of a port, from whichever copy of the package. */
export function portData(port: PortData): PortData {
  const { protocol, port: number, endPort, name, purpose, appProtocol } = port;
  return { protocol, port: number, endPort, name, purpose, appProtocol };
}

/** Readable form of a port: what it opens, not what it is for. */
export function describePort(port: PortData): string {
  if (port.protocol === undefined) return 'all ports';
  if (port.port !== undefined) {
    const end = port.endPort === undefined ? '' : `-${String(port.endPort)}`;
    return `${port.protocol} ${String(port.port)}${end}`;
  }
  return port.name === undefined ? `all ${port.protocol} ports` : `${port.protocol} ${port.name}`;
}

/** Order by protocol, number, name: the order in which ports are written. */
export function comparePorts(a: PortData, b: PortData): number {
  return compareKeys(sortKey(a), sortKey(b));
}

/** Ports without repeats and without what another of them already contains, in written order. */
export function normalizePorts(ports: readonly PortData[]): PortData[] {
  const sorted = [...ports].sort(comparePorts);
  // of ports that contain each other (80 and 80-80) the first one stays
  return sorted.filter(
    (port, index) =>
      !sorted.some((other, at) => contains(other, port) && (at < index || !contains(port, other))),
  );
}

function contains(outer: PortData, inner: PortData): boolean {
  if (outer.protocol === undefined) return true;
  if (outer.protocol !== inner.protocol) return false;
  if (outer.port === undefined && outer.name === undefined) return true;
  if (outer.port === undefined || inner.port === undefined) {
    return outer.port === inner.port && outer.name === inner.name;
  }
  return outer.port <= inner.port && (inner.endPort ?? inner.port) <= (outer.endPort ?? outer.port);
}

/** What is opened, then what it is for: the order is total, whatever order ports came in. */
function sortKey(port: PortData): readonly (string | number)[] {
  const { protocol = '', port: number = 0, endPort = 0, name = '', appProtocol = '' } = port;
  return [protocol, number, endPort, name, port.purpose, appProtocol];
}

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function checkNumber(where: string, port: number, fix: string): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return;
  refuse({ code: 'port-number', where, got: port, expected: 'an integer from 1 to 65535', fix });
}

function checkPortName(where: string, name: string): void {
  const expected = expectedPortName(name);
  if (expected === undefined) return;
  refuse({ code: 'port-name', where, got: name, expected, fix: `Port.named('http')` });
}

/** Enums are only compile-time checks: JavaScript callers and casts may pass anything. */
function checkMember<T extends string>(where: string, got: T, members: Record<string, T>): T {
  const values = Object.values(members);
  if (values.includes(got)) return got;
  return refuse({
    code: 'enum-member',
    where,
    got,
    expected: `one of ${values.join(', ')}`,
    fix: `use ${values[0] ?? ''}`,
  });
}
