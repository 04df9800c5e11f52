/**
 * Host names of listeners and routes: which names do both mean? `*.example.com` means every name
 * below, and `*` (or none) every name at all.
 */

/** Names that both mean; undefined: none. Empty lists mean every name, as does the answer. */
export function commonHosts(
  a: readonly string[],
  b: readonly string[],
): readonly string[] | undefined {
  const [one, other] = [a, b].map(narrowing);
  if (one === undefined || other === undefined) return [];
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const common = one.flatMap((own) => other.flatMap((its) => narrower(own, its) ?? []));
  return common.length === 0 ? undefined : [...new Set(common)].sort();
}

/** A list that holds `*` says nothing. */
function narrowing(hosts: readonly string[]): readonly string[] {
  return hosts.includes('*') ? [] : hosts.map((host) => host.toLowerCase());
}

function narrower(a: string, b: string): string | undefined {
  if (isPart(a, b)) return a;
  return isPart(b, a) ? b : undefined;
}

function isPart(inner: string, outer: string): boolean {
  if (inner === outer) return true;
  return outer.startsWith('*.') && inner.replace(/^\*/, '').endsWith(outer.slice(1));
}
