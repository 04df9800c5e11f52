/**
 * ServiceEntry: hosts, addresses and ports that its resolution mode can serve (SE-V1 to SE-V13).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateServiceEntry
 */
import { WORKLOAD_SELECTOR, checkExportTo, checkSelector } from './attachment';
import { type Field, isRecord } from './field';
import { type IstioKind, type Metadata, NETWORKING } from './kind';
import {
  checkFqdnOrIp,
  checkIpOrCidr,
  checkLabels,
  isFqdn,
  isPartialWildcard,
  isWildcardDomain,
} from './names';
import {
  checkPortName,
  checkPortNumber,
  checkProtocol,
  isHttpProtocol,
  isTcpProtocol,
  isTlsProtocol,
} from './ports';
import {
  PORT,
  TEXTS,
  type Fields,
  type Rule,
  atMostOne,
  choice,
  has,
  list,
  object,
  text,
} from './shape';
import { WORKLOAD_ENTRY_SHAPE, checkEndpointPorts, checkWorkloadEntry } from './workload-entry';

const RULES: readonly Rule<Fields>[] = [
  atMostOne(
    'only one of WorkloadSelector or Endpoints can be set',
    'workloadSelector',
    'endpoints',
  ),
  {
    message: 'CIDR addresses are allowed only for NONE/STATIC resolution types',
    holds: (spec) =>
      ['NONE', 'STATIC'].includes(resolutionOf(spec)) ||
      !elements(spec.addresses).some((address) => String(address).includes('/')),
  },
  {
    message: 'NONE mode cannot set endpoints',
    holds: (spec) => resolutionOf(spec) !== 'NONE' || !has(spec, 'endpoints'),
  },
  {
    message: 'DNS_ROUND_ROBIN mode cannot have multiple endpoints',
    holds: (spec) =>
      resolutionOf(spec) !== 'DNS_ROUND_ROBIN' || elements(spec.endpoints).length <= 1,
  },
];

const PORTS = list(
  object(
    { name: text({ max: 256 }), number: PORT, protocol: text({ max: 256 }), targetPort: PORT },
    { required: ['number', 'name'] },
  ),
  {
    max: 256,
    uniqueBy: 'name',
    rules: [
      {
        message: 'port number cannot be duplicated',
        holds: (ports) => {
          const numbers = ports.map((port) => (isRecord(port) ? port.number : undefined));
          return new Set(numbers).size === numbers.length;
        },
      },
    ],
  },
);

export const SERVICE_ENTRY: IstioKind = {
  ...NETWORKING,
  kind: 'ServiceEntry',
  specRequired: true,
  shape: object(
    {
      addresses: list(text({ max: 64 }), { max: 256 }),
      endpoints: list(WORKLOAD_ENTRY_SHAPE, { max: 4096 }),
      exportTo: TEXTS,
      hosts: list(
        text({
          rules: [{ message: 'hostname cannot be wildcard', holds: (host) => host !== '*' }],
        }),
        { min: 1, max: 256 },
      ),
      location: choice('MESH_EXTERNAL', 'MESH_INTERNAL'),
      ports: PORTS,
      resolution: choice('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
      subjectAltNames: TEXTS,
      workloadSelector: WORKLOAD_SELECTOR,
    },
    { required: ['hosts'], rules: RULES },
  ),
  check: checkServiceEntry,
};

function checkServiceEntry(spec: Field, metadata: Metadata): void {
  checkSelector(spec.at('workloadSelector'), 'labels');
  if (spec.at('workloadSelector').isSet && spec.at('endpoints').items.length > 0) {
    spec.at('endpoints').refuse('endpoints or a workloadSelector, not both');
  }
  checkHosts(spec);
  checkAddresses(spec);
  checkPorts(spec, metadata);
  checkResolution(spec, metadata);
  checkHostsCanBeTold(spec);
  checkExportTo(spec.at('exportTo'), metadata.namespace, { hideable: true });
}

/** SE-V1, SE-V2. */
function checkHosts(spec: Field): void {
  const hosts = spec.at('hosts');
  if (hosts.items.length === 0) hosts.refuse('at least one host');
  for (const host of hosts.items) {
    if (host.text === '*' || !isWildcardDomain(host.text)) {
      host.refuse('a host name; a wildcard only as its first label: *.example.com');
    } else if (isPartialWildcard(host.text) && resolution(spec) !== 'DYNAMIC_DNS') {
      host.warn('a wildcard for the whole first label: *.example.com');
    }
  }
}

/** SE-V3. */
function checkAddresses(spec: Field): void {
  for (const address of spec.at('addresses').items) {
    checkIpOrCidr(address);
    if (address.text.includes('/') && !['NONE', 'STATIC'].includes(resolution(spec))) {
      address.refuse('an address; a CIDR only with resolution NONE or STATIC');
    }
  }
}

/** SE-V4, SE-V5. */
function checkPorts(spec: Field, metadata: Metadata): void {
  const names = new Set<string>();
  const numbers = new Set<number>();
  const needsAddress = spec.at('addresses').items.length === 0 && !allocates(spec, metadata);
  for (const port of spec.at('ports').items) {
    if (!port.isSet) {
      port.refuse('a port');
      continue;
    }
    const [name, number, protocol] = [port.at('name'), port.at('number'), port.at('protocol')];
    if (names.has(name.text)) name.refuse('a name that no port before it has');
    if (numbers.has(number.number)) number.refuse('a number that no port before it has');
    names.add(name.text);
    numbers.add(number.number);
    if (port.at('targetPort').number !== 0) checkPortNumber(port.at('targetPort'));
    if (needsAddress && (protocol.text === '' || protocol.text === 'TCP')) {
      protocol.warn('addresses: a TCP port without them is reached by its number alone');
    }
    checkPortName(name);
    checkProtocol(protocol);
    checkPortNumber(number);
  }
}

/**
 * Whether istiod gives the entry an address of its own.
 * Source: istio/istio:pilot/pkg/networking/serviceentry, ShouldV2AutoAllocateIPFromConfig
 */
function allocates(spec: Field, { labels }: Metadata): boolean {
  const optIn = labels.get('networking.istio.io/enable-autoallocate-ip');
  return resolution(spec) !== 'NONE' && optIn?.toLowerCase() !== 'false';
}

function checkResolution(spec: Field, metadata: Metadata): void {
  switch (resolution(spec)) {
    case 'NONE':
      checkNone(spec);
      return;
    case 'STATIC': {
      const servicePorts = portNames(spec);
      for (const endpoint of spec.at('endpoints').items) {
        if (endpoint.isSet) checkWorkloadEntry(endpoint, { servicePorts });
        else endpoint.refuse('an endpoint');
      }
      return;
    }
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      checkDns(spec);
      return;
    case 'DYNAMIC_DNS':
      checkDynamicDns(spec, metadata);
      return;
    default:
      spec.at('resolution').refuse('NONE, STATIC, DNS, DNS_ROUND_ROBIN or DYNAMIC_DNS');
  }
}

/** SE-V6. */
function checkNone(spec: Field): void {
  if (spec.at('endpoints').items.length > 0) {
    spec.at('endpoints').refuse('no endpoints with resolution NONE');
  }
  if (spec.at('workloadSelector').isSet) {
    spec.at('workloadSelector').warn('another resolution than NONE beside a workloadSelector');
  }
}

/** SE-V8 to SE-V10. */
function checkDns(spec: Field): void {
  const [hosts, endpoints] = [spec.at('hosts').items, spec.at('endpoints').items];
  if (endpoints.length === 0) {
    for (const host of hosts.filter(({ text }) => !isFqdn(text))) {
      host.refuse('a host without wildcard: DNS cannot resolve one, unless endpoints are given');
    }
  }
  if (resolution(spec) === 'DNS_ROUND_ROBIN' && endpoints.length > 1) {
    spec.at('endpoints').refuse('at most one endpoint with resolution DNS_ROUND_ROBIN');
  }
  const servicePorts = portNames(spec);
  for (const endpoint of endpoints) {
    checkFqdnOrIp(endpoint.at('address'));
    checkLabels(endpoint.at('labels'));
    checkEndpointPorts(endpoint.at('ports'), { servicePorts });
  }
  const hasTcpPort = protocols(spec).some(({ text }) => isTcpProtocol(text));
  if (spec.at('addresses').items.length > 0 && hosts.length > 1 && hasTcpPort) {
    spec.at('hosts').warn('one host where addresses and a TCP port are given');
  }
}

/** SE-V11. */
function checkDynamicDns(spec: Field, { labels }: Metadata): void {
  for (const host of spec.at('hosts').items) {
    if (!host.text.startsWith('*')) host.refuse('a wildcard host with resolution DYNAMIC_DNS');
  }
  for (const field of spec.present(['addresses', 'endpoints'])) {
    if (field.items.length > 0) field.refuse('nothing with resolution DYNAMIC_DNS');
  }
  for (const protocol of protocols(spec)) {
    if (!['http', 'tls', 'grpc', 'http2'].includes(protocol.text.toLowerCase())) {
      protocol.refuse('HTTP, HTTP2, GRPC or TLS with resolution DYNAMIC_DNS');
    }
  }
  const waypoint = labels.get('istio.io/use-waypoint') ?? '';
  if (spec.at('location').text === 'MESH_INTERNAL' && !/^(?:none)?$/i.test(waypoint)) {
    spec.at('location').refuse('MESH_EXTERNAL: DYNAMIC_DNS through a waypoint is not internal');
  }
}

/** SE-V12: HTTP tells hosts apart by authority, TLS by SNI; plain TCP cannot. */
function checkHostsCanBeTold(spec: Field): void {
  if (resolution(spec) === 'NONE' || spec.at('hosts').items.length < 2) return;
  for (const protocol of protocols(spec)) {
    if (!isHttpProtocol(protocol.text) && !isTlsProtocol(protocol.text)) {
      protocol.refuse('an HTTP or TLS protocol where several hosts share the port');
    }
  }
}

function resolution(spec: Field): string {
  return resolutionOf({ resolution: spec.at('resolution').value });
}

function resolutionOf(spec: Fields): string {
  return typeof spec.resolution === 'string' ? spec.resolution : 'NONE';
}

function portNames(spec: Field): ReadonlySet<string> {
  return new Set(spec.at('ports').items.map((port) => port.at('name').text));
}

function protocols(spec: Field): readonly Field[] {
  return spec.at('ports').items.map((port) => port.at('protocol'));
}

function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
