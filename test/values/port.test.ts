import * as fc from 'fast-check';
import type { PortData } from '../../src/values/port';
import {
  comparePorts,
  describePort,
  normalizePorts,
  Port,
  portData,
  PortPurpose,
  Protocol,
} from '../../src/values/port';
import { refused } from './refusal';

const { SERVICE, METRICS } = PortPurpose;
const told = (ports: readonly PortData[]): string[] => normalizePorts(ports).map(describePort);

describe('Port', () => {
  test('is a single port of a protocol, for service unless it says otherwise', () => {
    expect(portData(Port.tcp(8080))).toEqual({ protocol: 'TCP', port: 8080, purpose: SERVICE });
    expect(portData(Port.udp(53))).toEqual({ protocol: 'UDP', port: 53, purpose: SERVICE });
    expect(portData(Port.sctp(3868))).toEqual({ protocol: 'SCTP', port: 3868, purpose: SERVICE });
    const metrics = Port.tcp(9090, { name: 'metrics', purpose: METRICS });
    expect(portData(metrics)).toEqual({
      protocol: 'TCP',
      port: 9090,
      name: 'metrics',
      purpose: METRICS,
    });
  });

  test('knows the application protocol where its factory names it', () => {
    const [http, https, grpc] = [Port.http(8080), Port.https(8443), Port.grpc(8001)];
    expect([http, https, grpc].map(({ protocol }) => protocol)).toEqual(['TCP', 'TCP', 'TCP']);
    expect([http, https, grpc].map(({ appProtocol }) => appProtocol)).toEqual([
      'http',
      'https',
      'grpc',
    ]);
    expect(Port.tcp(80).appProtocol).toBeUndefined();
  });

  test('is a range with both ends in it; one number is a range too', () => {
    const range = { protocol: 'UDP', port: 9000, endPort: 9010, purpose: SERVICE };
    expect(portData(Port.udpRange(9000, 9010))).toEqual(range);
    expect(portData(Port.tcpRange(65535, 65535))).toMatchObject({ port: 65535, endPort: 65535 });
  });

  test('is known by name only, TCP unless it says otherwise', () => {
    expect(portData(Port.named('http'))).toEqual({
      protocol: 'TCP',
      name: 'http',
      purpose: SERVICE,
    });
    expect(Port.named('dns', { protocol: Protocol.UDP }).protocol).toBe('UDP');
    expect(Port.named('metrics', { purpose: METRICS }).purpose).toBe(METRICS);
  });

  test('reads as what it opens', () => {
    const ports = [
      Port.tcp(8080, { name: 'http' }),
      Port.udpRange(9000, 9010),
      Port.named('http'),
      Port.allTcp(),
      Port.allUdp(),
      Port.allSctp(),
      Port.all(),
    ];
    expect(ports.map(String)).toEqual([
      'TCP 8080',
      'UDP 9000-9010',
      'TCP http',
      'all TCP ports',
      'all UDP ports',
      'all SCTP ports',
      'all ports',
    ]);
  });

  test('takes the first and the last number that there is', () => {
    expect([Port.tcp(1).port, Port.tcp(65535).port]).toEqual([1, 65535]);
    expect(Port.tcp(80, { name: 'a'.repeat(15) }).name).toHaveLength(15);
  });

  test('does not change', () => {
    const port = Port.tcp(8080);
    expect(() => Object.assign(port, { port: 1 })).toThrow(TypeError);
    const options = { name: 'http' };
    const named = Port.http(8080, options);
    options.name = 'other';
    expect(named.name).toBe('http');
  });

  test('fails on a number that is no port', () => {
    const code = 'port-number';
    const text = refused(() => Port.tcp(0), { code, where: 'Port.tcp: port', got: 0 });
    expect(text).toBe(
      'Port.tcp: port: got 0, expected an integer from 1 to 65535; fix: Port.tcp(8080)',
    );
    refused(() => Port.udp(65536), { code, where: 'Port.udp: port', got: 65536 });
    refused(() => Port.sctp(-1), { code, where: 'Port.sctp: port', got: -1 });
    refused(() => Port.http(80.5), { code, where: 'Port.http: port', got: 80.5 });
    refused(() => Port.https(Infinity), { code, where: 'Port.https: port', got: Infinity });
    refused(() => Port.grpc('80' as never), { code, where: 'Port.grpc: port', got: '80' });
  });

  test('fails on a number that was never read, and says so', () => {
    const where = 'Port.tcp: port';
    const text = refused(() => Port.tcp(Number.parseInt('')), { where, got: NaN });
    expect(text).toMatch('got NaN, ');
    expect(refused(() => Port.tcp(80n as never), { where, got: 80n })).toMatch('got 80n, ');
    const missing = refused(() => Port.tcp(undefined as never), { where, got: undefined });
    expect(missing).toMatch('got nothing, ');
  });

  test('fails on a range whose ends are no ports or in the wrong order', () => {
    const low = { code: 'port-number', where: 'Port.tcpRange: low', got: 0 };
    refused(() => Port.tcpRange(0, 10), low);
    const high = { code: 'port-number', where: 'Port.udpRange: high', got: 65536 };
    refused(() => Port.udpRange(10, 65536), high);
    const code = 'port-range-reversed';
    const text = refused(() => Port.tcpRange(9010, 9000), {
      code,
      where: 'Port.tcpRange: high',
      got: 9000,
    });
    expect(text).toBe(
      'Port.tcpRange: high: got 9000, expected an integer from 9010 (low) to 65535; ' +
        'fix: Port.tcpRange(9000, 9010)',
    );
    refused(() => Port.udpRange(2, 1), { code, where: 'Port.udpRange: high', got: 1 });
  });

  test('fails on a name that is no IANA service name', () => {
    const code = 'port-name';
    const text = refused(() => Port.named('8080'), { code, where: 'Port.named', got: '8080' });
    expect(text).toBe(
      'Port.named: got "8080", expected a port name: 1 to 15 characters of a-z, 0-9 and single ' +
        `inner "-", with at least one letter; fix: Port.named('http')`,
    );
    const where = 'Port.tcp: name';
    const long = 'a'.repeat(16);
    refused(() => Port.tcp(80, { name: long }), { code, where, got: long });
    refused(() => Port.tcp(80, { name: 'HTTP' }), { code, where, got: 'HTTP' });
    refused(() => Port.tcp(80, { name: 'http--api' }), { code, where, got: 'http--api' });
    refused(() => Port.tcp(80, { name: '-http' }), { code, where, got: '-http' });
    refused(() => Port.tcp(80, { name: '' }), { code, where, got: '' });
    refused(() => Port.named(undefined as never), { code, where: 'Port.named', got: undefined });
  });

  test('fails on a protocol or purpose that there is not', () => {
    const code = 'enum-member';
    const protocol = { protocol: 'ICMP' as Protocol };
    const where = 'Port.named: protocol';
    const text = refused(() => Port.named('ping', protocol), { code, where, got: 'ICMP' });
    expect(text).toBe(
      'Port.named: protocol: got "ICMP", expected one of TCP, UDP, SCTP; fix: use TCP',
    );
    const purpose = { purpose: 'debug' as PortPurpose };
    refused(() => Port.tcp(80, purpose), { code, where: 'Port.tcp: purpose', got: 'debug' });
    refused(() => Port.named('x', purpose), { code, where: 'Port.named: purpose', got: 'debug' });
  });
});

describe('normalizePorts', () => {
  test('keeps one of equal ports, whatever they are called or for', () => {
    expect(told([Port.http(8080), Port.tcp(8080, { name: 'x', purpose: METRICS })])).toEqual([
      'TCP 8080',
    ]);
    expect(told([Port.named('http'), Port.named('http')])).toEqual(['TCP http']);
  });

  test('keeps one of a port and a range of only that port', () => {
    expect(told([Port.tcp(80), Port.tcpRange(80, 80)])).toEqual(['TCP 80']);
    expect(told([Port.tcpRange(80, 80), Port.tcpRange(80, 80)])).toEqual(['TCP 80-80']);
  });

  test('drops what a range or all ports of the protocol contain', () => {
    const ports = [Port.tcp(80), Port.tcpRange(80, 90), Port.tcpRange(81, 89), Port.tcp(91)];
    expect(told(ports)).toEqual(['TCP 80-90', 'TCP 91']);
    expect(told([...ports, Port.named('http'), Port.udp(80), Port.allTcp()])).toEqual([
      'all TCP ports',
      'UDP 80',
    ]);
    expect(told([...ports, Port.udp(80), Port.all(), Port.allSctp()])).toEqual(['all ports']);
  });

  test('keeps a name beside a number: they differ per pod', () => {
    expect(told([Port.named('http'), Port.tcp(80, { name: 'http' })])).toEqual([
      'TCP http',
      'TCP 80',
    ]);
    expect(told([Port.named('http'), Port.tcpRange(1, 65535)])).toEqual([
      'TCP http',
      'TCP 1-65535',
    ]);
  });

  test('keeps the same members, no port inside another, whatever the order of input', () => {
    fc.assert(
      fc.property(arbitraryPorts(), fc.nat(), (ports, turn) => {
        const normal = normalizePorts(ports);
        const turned = [...ports.slice(turn % 7), ...ports.slice(0, turn % 7)].reverse();
        expect(normalizePorts(turned)).toEqual(normal);
        expect(normalizePorts(normal)).toEqual(normal);
        expect(membersOf(normal)).toEqual(membersOf(ports));
        const members = normal.map((port) => new Set(membersOf([port])));
        for (const inner of members) {
          const around = members.filter((outer) => [...inner].every((member) => outer.has(member)));
          expect(around).toEqual([inner]);
        }
        expect(normal.length === 0).toBe(ports.length === 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('comparePorts', () => {
  test('orders by protocol, number and name', () => {
    const ports = [Port.udp(1), Port.tcp(100), Port.tcp(9), Port.named('b'), Port.named('a')];
    expect(ports.sort(comparePorts).map(String)).toEqual([
      'TCP a',
      'TCP b',
      'TCP 9',
      'TCP 100',
      'UDP 1',
    ]);
    expect(comparePorts(Port.tcp(80), Port.tcp(80))).toBe(0);
  });
});

/** Small numbers and few names, so that ports often meet. */
function arbitraryPorts(): fc.Arbitrary<PortData[]> {
  const number = fc.integer({ min: 1, max: 6 });
  const name = fc.constantFrom('http', 'grpc');
  const options = fc.record({
    name: fc.option(name, { nil: undefined }),
    purpose: fc.constantFrom(SERVICE, METRICS),
  });
  const range = fc.tuple(number, number, options).map(([a, b, rest]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    return Port.tcpRange(low, high, rest);
  });
  const port = fc.oneof(
    fc.tuple(number, options).map(([n, rest]) => Port.tcp(n, rest)),
    fc.tuple(number, options).map(([n, rest]) => Port.udp(n, rest)),
    range,
    name.map((each) => Port.named(each)),
    fc.constantFrom(Port.allTcp(), Port.allUdp()),
    { arbitrary: fc.constant(Port.all()), weight: 1 },
  );
  return fc.array(port.map(portData), { maxLength: 7 });
}

/** Naively: every (protocol, number) and (protocol, name) that the ports open. */
function membersOf(ports: readonly PortData[]): string[] {
  const numbers = [1, 2, 3, 4, 5, 6, 7];
  const opens = (protocol: Protocol, number: number): boolean =>
    ports.some((port) => {
      if (port.protocol === undefined) return true;
      if (port.protocol !== protocol) return false;
      if (port.port === undefined) return port.name === undefined;
      return port.port <= number && number <= (port.endPort ?? port.port);
    });
  const names = (protocol: Protocol, name: string): boolean =>
    ports.some((port) => {
      if (port.protocol === undefined) return true;
      return (
        port.protocol === protocol &&
        port.port === undefined &&
        [undefined, name].includes(port.name)
      );
    });
  return Object.values(Protocol).flatMap((protocol) => [
    ...numbers.filter((number) => opens(protocol, number)).map((n) => `${protocol} ${String(n)}`),
    ...['http', 'grpc', 'other'].filter((name) => names(protocol, name)).map((n) => protocol + n),
  ]);
}
