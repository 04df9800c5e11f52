/**
 * PeerAuthentication: modes, and ports only where a selector names workloads (6.4).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidatePeerAuthentication
 */
import { SELECTOR, checkSelector } from './attachment';
import { type Field, isRecord } from './field';
import { type IstioKind, SECURITY } from './kind';
import { choice, mapOf, object } from './shape';

const MTLS = object({ mode: choice('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT') });

export const PEER_AUTHENTICATION: IstioKind = {
  ...SECURITY,
  kind: 'PeerAuthentication',
  shape: object(
    {
      mtls: MTLS,
      portLevelMtls: mapOf(MTLS, {
        min: 1,
        rules: [
          {
            message: 'port must be between 1-65535',
            holds: (ports) => Object.keys(ports).every(isPort),
          },
        ],
      }),
      selector: SELECTOR,
    },
    {
      rules: [
        {
          message: 'portLevelMtls requires selector',
          holds: (spec) => spec.portLevelMtls === undefined || selectsByLabel(spec.selector),
        },
      ],
    },
  ),
  check: checkPeerAuthentication,
};

function checkPeerAuthentication(spec: Field): void {
  const ports = spec.at('portLevelMtls');
  if (ports.entries.length > 0 && !selectsByLabel(spec.at('selector').value)) {
    ports.refuse('a selector with labels: ports cannot be set for a namespace or mesh');
  }
  if (ports.isSet && ports.entries.length === 0) ports.refuse('at least one port, or no map');
  for (const [port, mtls] of ports.entries) {
    if (!isPort(port)) mtls.refuse('a port from 1 to 65535 as key', port);
  }
  checkSelector(spec.at('selector'), 'matchLabels');
}

function selectsByLabel(selector: unknown): boolean {
  if (!isRecord(selector) || !isRecord(selector.matchLabels)) return false;
  return Object.keys(selector.matchLabels).length > 0;
}

function isPort(key: string): boolean {
  return /^\d{1,10}$/.test(key) && Number(key) >= 1 && Number(key) <= 65535;
}
