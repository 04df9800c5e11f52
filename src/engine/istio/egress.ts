/**
 * Where does a sidecar let its own pod go? Only a Sidecar with REGISTRY_ONLY limits it, to what the
 * registry knows and the Sidecar imports. This is no boundary: a pod can go around its own proxy,
 * so an answer here never replaces NetworkPolicy.
 *
 * Source: istio/istio:pilot/pkg/model/sidecar.go and pilot/pkg/networking/core/listener.go (1.31)
 */
import { carriesLabels } from '../../values/selector';
import { cidrContains } from '../../values/cidr';
import type { IstioFacts, Labels } from '../../read/cluster';
import { blockOf } from './callers';
import type { MissingFact } from './facts';
import { unclearFacts } from './facts';
import { labelsOf, listOf, objectOf, textOf, textsOf } from './spec';

export interface EgressCaller {
  readonly namespace: string;
  readonly labels: Labels;
}

/** What an application does: TLS or HTTP for a host, or plain TCP to an address. */
export interface EgressAttempt {
  readonly host?: string;
  readonly address?: string;
  readonly port: number;
  readonly speaks: 'tls' | 'http' | 'tcp';
}

export interface EgressView {
  readonly caller: EgressCaller;
  /** The one that counts; absent: the mesh's default, which lets everything out. */
  readonly sidecar?: IstioFacts;
  /** Whether only what the registry knows gets out. */
  readonly isLimited: boolean;
  /** ServiceEntries that the caller's proxy knows. */
  readonly entries: readonly EgressEntry[];
  /** Not empty: what gets out is not known. */
  readonly missing: readonly MissingFact[];
}

export interface EgressEntry {
  readonly policy: IstioFacts;
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly number: number; readonly speaks: EgressAttempt['speaks'] }[];
  readonly resolvesNames: boolean;
}

/** `by name` and `by address` say what the proxy went by; `anything` that it is not limited. */
export interface EgressOutcome {
  readonly outcome: 'by name' | 'by address' | 'anything' | 'blocked' | 'unknown';
  readonly entry?: EgressEntry;
}

/** What the proxy of some pods lets out. `networking`: Sidecars and ServiceEntries among others. */
export function egressOf(
  networking: readonly IstioFacts[],
  caller: EgressCaller,
  rootNamespace: string,
): EgressView {
  const { sidecar, missing } = sidecarOf(networking, caller, rootNamespace);
  const outbound = sidecar?.spec['outboundTrafficPolicy'];
  const mode = textOf(objectOf(outbound)['mode']);
  const entries = networking.filter(({ kind }) => kind === 'ServiceEntry').map(entryOf);
  const known = entries.filter(
    ({ policy: { spec, namespace }, hosts }) =>
      isExported(textsOf(spec['exportTo']), namespace, caller) &&
      hosts.some((host) => isImported(sidecar, caller, [namespace, host])),
  );
  return {
    caller,
    sidecar,
    // the zero value of its mode; without the whole field the mesh's default counts
    isLimited: isGiven(outbound) && (mode ?? 'REGISTRY_ONLY') === 'REGISTRY_ONLY',
    entries: known,
    missing: [...missing, ...known.flatMap((one) => unclearFacts(one.policy))],
  };
}

/** An empty message is set, an absent or null one is not. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function letsOut(view: EgressView, attempt: EgressAttempt): EgressOutcome {
  if (view.missing.length > 0) return { outcome: 'unknown' };
  if (!view.isLimited) return { outcome: 'anything' };
  const byAddress = view.entries.find((entry) => isAddressOf(entry, attempt));
  if (byAddress !== undefined) return { outcome: 'by address', entry: byAddress };
  const byName = view.entries.find((entry) => isNameOf(entry, attempt));
  return byName === undefined ? { outcome: 'blocked' } : { outcome: 'by name', entry: byName };
}

/** Whether the proxy knows a Service by its full name; others get plain text, at best. */
export function knowsService(view: EgressView, namespace: string, host: string): boolean {
  return isImported(view.sidecar, view.caller, [namespace, host]);
}

/** Workload before namespace before root namespace; of several in one place Istio takes any. */
function sidecarOf(
  networking: readonly IstioFacts[],
  caller: EgressCaller,
  rootNamespace: string,
): { readonly sidecar?: IstioFacts; readonly missing: readonly MissingFact[] } {
  const all = networking.filter(({ kind }) => kind === 'Sidecar');
  const isWhole = ({ spec }: IstioFacts): boolean => spec['workloadSelector'] === undefined;
  const own = all.filter(({ namespace }) => namespace === caller.namespace);
  const selecting = own.filter(
    (one) =>
      !isWhole(one) &&
      carriesLabels(caller.labels, labelsOf(objectOf(one.spec['workloadSelector'])['labels'])),
  );
  const root = all.filter((one) => one.namespace === rootNamespace && isWhole(one));
  const [scope = []] = [selecting, own.filter(isWhole), root].filter(({ length }) => length > 0);
  const [sidecar, ...others] = scope;
  const missing = scope.flatMap(unclearFacts);
  if (others.length === 0) return { sidecar, missing };
  const names = scope.map(({ name }) => name).sort();
  const detail = `Sidecars ${names.join(', ')} of ${scope[0]?.namespace ?? ''}`;
  return { sidecar, missing: [...missing, { fact: 'conflicting-sidecars', detail }] };
}

function entryOf(policy: IstioFacts): EgressEntry {
  const { spec } = policy;
  return {
    policy,
    hosts: textsOf(spec['hosts']),
    addresses: textsOf(spec['addresses']).map(blockOf),
    ports: listOf(spec['ports']).map((port) => ({
      number: Number(port['number']),
      speaks: languageOf(textOf(port['protocol']) ?? ''),
    })),
    resolvesNames: (textOf(spec['resolution']) ?? 'NONE').startsWith('DNS'),
  };
}

function languageOf(protocol: string): EgressAttempt['speaks'] {
  const upper = protocol.toUpperCase();
  if (upper === 'TLS' || upper === 'HTTPS') return 'tls';
  return upper.startsWith('HTTP') || upper.startsWith('GRPC') ? 'http' : 'tcp';
}

function isAddressOf({ addresses, ports }: EgressEntry, attempt: EgressAttempt): boolean {
  const { address, port } = attempt;
  return (
    address !== undefined &&
    ports.some(({ number, speaks }) => number === port && speaks === 'tcp') &&
    addresses.some((block) => cidrContains(block, blockOf(address)))
  );
}

function isNameOf(entry: EgressEntry, { host = '', port, speaks }: EgressAttempt): boolean {
  const { addresses, hosts, ports, resolvesNames } = entry;
  if (addresses.length > 0) return false;
  const named = hosts.some((known) => isPartOf(host, known));
  return ports.some((one) => {
    if (one.number !== port) return false;
    if (one.speaks !== 'tcp') return one.speaks === speaks && named;
    // plain TCP is taken to the entry's own host, whatever was meant; it is the right one by luck
    return resolvesNames ? named : true;
  });
}

function isExported(exportTo: readonly string[], namespace: string, caller: EgressCaller): boolean {
  const places = exportTo.length === 0 ? ['*'] : exportTo;
  return places.some((to) => to === '*' || (to === '.' ? namespace : to) === caller.namespace);
}

/** No egress listeners: everything that is exported. */
function isImported(
  sidecar: IstioFacts | undefined,
  caller: EgressCaller,
  [namespace, host]: readonly [namespace: string, host: string],
): boolean {
  const listeners = listOf(sidecar?.spec['egress']);
  if (listeners.length === 0) return true;
  return listeners
    .flatMap((listener) => textsOf(listener['hosts']))
    .some((text) => {
      const [place = '', name = ''] = text.split('/');
      const there = place === '*' || (place === '.' ? caller.namespace : place) === namespace;
      return there && isPartOf(host, name);
    });
}

/** `a.b.c` and `*.b.c` are part of `*.b.c` and `*.c`; nothing wider than a name is part of it. */
function isPartOf(inner: string, outer: string): boolean {
  if (outer === '*' || inner === outer) return true;
  return outer.startsWith('*') && inner.replace(/^\*/, '').endsWith(outer.slice(1));
}
