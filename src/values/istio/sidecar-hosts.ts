/**
 * Warnings about egress hosts of a Sidecar that others of the same listener already name (SC-V5).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateSidecar
 */
import type { Field } from './field';

/** `namespace` is the one that `.` stands for. */
export function warnOfRepeatedHosts(hosts: Field, namespace: string): void {
  const namesOf = new Map<string, Set<string>>();
  for (const host of hosts.items) {
    const [part = '', ...rest] = host.text.split('/');
    // exclusions (~ns/name) repeat nothing
    if (rest.length === 0 || part.startsWith('~')) continue;
    const [owner, name] = [part === '.' ? namespace : part, rest.join('/')];
    const names = namesOf.get(owner) ?? new Set<string>();
    const isRepeated = name === '*' ? names.size > 0 : names.has(name) || names.has('*');
    if (isRepeated) host.warn('a host that no other of the listener names');
    namesOf.set(owner, names.add(name));
  }
  if (namesOf.get('*')?.has('*') && namesOf.size > 1) {
    hosts.warn('*/* alone: it names every host');
  }
}
