/**
 * WorkloadEntry, alone or as an endpoint of a ServiceEntry: an address and its ports.
 *
 * Source: istio/istio:pkg/config/validation/validation.go, validateWorkloadEntry
 */
import type { Field } from './field';
import { type IstioKind, NETWORKING } from './kind';
import { checkFqdnOrIp, checkIpAddress, checkLabels, isDnsLabel } from './names';
import { checkPortNumber } from './ports';
import { PORT, TEXT_MAP, UINT32, has, mapOf, object, text } from './shape';
import { checkUnixAddress, isUnixAddress, unixPath } from './unix-address';

export const WORKLOAD_ENTRY_SHAPE = object(
  {
    address: text({
      max: 256,
      rules: [
        {
          message: 'UDS must be an absolute path or abstract socket',
          holds: (address) => !isUnixAddress(address) || /^[/@]/.test(unixPath(address)),
        },
        {
          message: 'UDS may not be a dir',
          holds: (address) => !isUnixAddress(address) || !address.endsWith('/'),
        },
      ],
    }),
    labels: { ...TEXT_MAP, max: 256 },
    locality: text({ max: 2048 }),
    network: text({ max: 2048 }),
    ports: mapOf(PORT, {
      max: 128,
      rules: [
        {
          message: 'port name must be valid',
          holds: (ports) => Object.keys(ports).every((key) => key.length < 63 && isDnsLabel(key)),
        },
      ],
    }),
    serviceAccount: text({ max: 253 }),
    weight: UINT32,
  },
  {
    rules: [
      {
        message: 'Address is required',
        holds: (entry) => has(entry, 'address') || has(entry, 'network'),
      },
      {
        message: 'UDS may not include ports',
        holds: (entry) => !(isUnixAddress(entry.address) && has(entry, 'ports')),
      },
    ],
  },
);

export const WORKLOAD_ENTRY: IstioKind = {
  ...NETWORKING,
  kind: 'WorkloadEntry',
  specRequired: true,
  shape: WORKLOAD_ENTRY_SHAPE,
  check: (spec) => {
    checkWorkloadEntry(spec);
  },
};

/** The ServiceEntry in which an endpoint stands. */
export interface EndpointContext {
  /** Names of the ServiceEntry's ports; the endpoint may name no other. */
  readonly servicePorts: ReadonlySet<string>;
}

/** An entry of its own may name a host; an endpoint of a STATIC ServiceEntry may not. */
export function checkWorkloadEntry(entry: Field, endpoint?: EndpointContext): void {
  const address = entry.at('address');
  const isUnix = isUnixAddress(address.text);
  if (address.text === '') {
    if (entry.at('network').text === '') {
      address.refuse('an address, or a network');
      return;
    }
    entry.warn('an address beside the network');
  } else if (isUnix) {
    checkUnixAddress(address);
    if (entry.at('ports').entries.length > 0) {
      entry.at('ports').refuse('no ports with a unix socket');
    }
  } else if (endpoint === undefined) checkFqdnOrIp(address);
  else checkIpAddress(address);

  checkEndpointPorts(entry.at('ports'), endpoint);
  checkLabels(entry.at('labels'));
  if (isUnix && endpoint !== undefined && endpoint.servicePorts.size !== 1) {
    address.refuse('exactly one service port with a unix socket');
  }
}

export function checkEndpointPorts(ports: Field, endpoint?: EndpointContext): void {
  for (const [name, port] of ports.entries) {
    if (endpoint !== undefined && !endpoint.servicePorts.has(name)) {
      port.refuse('the name of a port of the ServiceEntry as key', name);
    }
    if (!isDnsLabel(name)) port.refuse('a port name as key', name);
    checkPortNumber(port);
  }
}
