/**
 * Where does a sidecar let its pod go, by the Sidecars and ServiceEntries that were written? Short
 * enough to check by eye, nothing from src/.
 *
 * Source: istio/istio:pilot/pkg/model/sidecar.go (which Sidecar, what it imports) and
 * pilot/pkg/networking/core/listener.go (what becomes of a connection). Left open: Services, which
 * are asked for by their full name and are known by import only; listeners that Services of the same
 * port bring along.
 */

import { inCidr } from './cidr';
import type { Manifest } from './load-yaml';
import type { Labels } from './world';

export interface Caller {
  readonly namespace: string;
  readonly labels: Labels;
}

/** What an application does: open TLS or HTTP for a host that resolves to an address, or plain TCP. */
export interface Attempt {
  readonly host?: string;
  readonly ip?: string;
  readonly port: number;
  readonly speaks: 'tls' | 'http' | 'tcp';
}

interface ServiceEntry {
  readonly hosts: readonly string[];
  readonly addresses?: readonly string[];
  readonly ports: readonly { readonly number: number; readonly protocol: string }[];
  readonly resolution: string;
  readonly exportTo: readonly string[];
}

interface Sidecar {
  readonly workloadSelector?: { readonly labels: Labels };
  readonly outboundTrafficPolicy?: { readonly mode: string };
  readonly egress?: readonly { readonly hosts: readonly string[] }[];
}

/** `by name` and `by address` say what the proxy went by; `anything` that it is not limited. */
export type Outcome = 'by name' | 'by address' | 'anything' | 'blocked';

export function letsOut(manifests: readonly Manifest[], caller: Caller, attempt: Attempt): Outcome {
  const sidecar = sidecarOf(manifests, caller);
  if (sidecar?.outboundTrafficPolicy?.mode !== 'REGISTRY_ONLY') return 'anything';
  const known = manifests
    .filter(({ kind }) => kind === 'ServiceEntry')
    .map((manifest) => ({ namespace: namespaceOf(manifest), ...specOf<ServiceEntry>(manifest) }))
    .filter(
      (entry) =>
        isVisible(entry, caller) &&
        entry.hosts.some((host) => imports(sidecar, caller, entry.namespace, host)),
    );
  const onPort = known.filter(({ ports }) => ports.some(({ number }) => number === attempt.port));
  const byAddress = onPort.some(
    ({ addresses = [], ports }) =>
      attempt.ip !== undefined &&
      addresses.some((cidr) => inCidr(cidr, attempt.ip ?? '')) &&
      ports.some(({ number, protocol }) => number === attempt.port && protocol === 'TCP'),
  );
  if (byAddress) return 'by address';
  const byName = onPort.some(
    ({ addresses = [], hosts, ports, resolution }) =>
      addresses.length === 0 &&
      ports.some(
        ({ number, protocol }) =>
          number === attempt.port && tells(protocol, hosts, resolution, attempt),
      ),
  );
  return byName ? 'by name' : 'blocked';
}

/** Whether the proxy knows a Service of that full name. */
export function knowsService(
  manifests: readonly Manifest[],
  caller: Caller,
  [namespace, host]: readonly [namespace: string, host: string],
): boolean {
  const sidecar = sidecarOf(manifests, caller);
  return sidecar?.egress === undefined || imports(sidecar, caller, namespace, host);
}

/** Of several with a matching selector Istio takes any: that is an error of whoever wrote them. */
function sidecarOf(manifests: readonly Manifest[], caller: Caller): Sidecar | undefined {
  const own = manifests
    .filter((one) => one.kind === 'Sidecar' && namespaceOf(one) === caller.namespace)
    .map((one) => specOf<Sidecar>(one));
  const selecting = own.filter(
    ({ workloadSelector }) => workloadSelector && carries(caller.labels, workloadSelector.labels),
  );
  const whole = own.filter(({ workloadSelector }) => !workloadSelector);
  if (selecting.length > 1 || whole.length > 1) throw new Error('conflicting Sidecars');
  return selecting[0] ?? whole[0];
}

function tells(
  protocol: string,
  hosts: readonly string[],
  resolution: string,
  { host = '', speaks }: Attempt,
): boolean {
  const named = hosts.some((known) => isPartOf(host, known));
  if (protocol === 'TLS') return speaks === 'tls' && named;
  if (protocol === 'HTTP' || protocol === 'GRPC') return speaks === 'http' && named;
  // plain TCP is taken to the entry's own host, whatever was meant; it is the right one by luck
  return resolution === 'DNS' ? named : true;
}

function isVisible(
  { namespace, exportTo }: { readonly namespace: string; readonly exportTo: readonly string[] },
  caller: Caller,
): boolean {
  return exportTo.some((to) => (to === '.' ? namespace : to) === caller.namespace || to === '*');
}

function imports({ egress }: Sidecar, caller: Caller, namespace: string, host: string): boolean {
  return (egress ?? [{ hosts: ['*/*'] }]).some(({ hosts }) =>
    hosts.some((text) => {
      const [place = '', name = ''] = text.split('/');
      const there = place === '*' || (place === '.' ? caller.namespace : place) === namespace;
      return there && isPartOf(host, name);
    }),
  );
}

/** `a.b.c` and `*.b.c` are part of `*.b.c` and `*.c`; nothing wider than a name is part of it. */
function isPartOf(inner: string, outer: string): boolean {
  if (outer === '*' || inner === outer) return true;
  return outer.startsWith('*') && inner.replace(/^\*/, '').endsWith(outer.slice(1));
}

function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function namespaceOf({ metadata }: Manifest): string {
  return metadata?.namespace ?? 'default';
}

function specOf<T>(manifest: Manifest): T {
  return manifest['spec'] as T;
}
