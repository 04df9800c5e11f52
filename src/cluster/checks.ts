/**
 * Checks that the parts of a profile share: addresses, ranges, ports, and the pods of platform
 * components by namespace and label.
 */
import { checkedCidr, isCidr } from '../values/cidr';
import { expectedDnsLabel, expectedDnsSubdomain } from '../values/names';
import { refuse } from '../values/problem';
import { checkedLabels } from '../values/selector';

/** Canonical text of a single address, of either family. */
export function checkedAddress(where: string, address: string): string {
  return checkedHostCidr(where, address).replace(/\/\d+$/, '');
}

/** The block (/32, /128) of a single address. */
export function checkedHostCidr(where: string, address: string): string {
  const cidr = `${address}/${address.includes(':') ? '128' : '32'}`;
  if (isCidr(cidr)) return checkedCidr(where, cidr);
  return refuse({
    code: 'address',
    where,
    got: address,
    expected: 'one IPv4 or IPv6 address, without mask and port',
    fix: `'169.254.20.10'`,
  });
}

/** Sorted, distinct blocks; none of them may be every address, for it would name everybody. */
export function checkedRanges(where: string, cidrs: readonly string[]): string[] {
  const ranges = cidrs.map((cidr) => checkedCidr(where, cidr));
  for (const range of ranges) {
    if (!range.endsWith('/0')) continue;
    refuse({
      code: 'range-everything',
      where,
      got: range,
      expected: 'a block of this cluster: /0 is every address there is',
      fix: `'10.0.0.0/16', or leave it out where it is not known`,
    });
  }
  return [...new Set(ranges)].sort();
}

/** A port number, 1..65535 inclusive. */
export function checkedPortNumber(where: string, port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  return refuse({
    code: 'port-number',
    where,
    got: port,
    expected: 'an integer from 1 to 65535',
    fix: '6443',
  });
}

/** The name of a namespace. */
export function checkedNamespace(where: string, namespace: string): string {
  const expected = expectedDnsLabel(namespace);
  if (expected === undefined) return namespace;
  return refuse({
    code: 'namespace-name',
    where,
    got: namespace,
    expected,
    fix: `'istio-system'`,
  });
}

/** The DNS domain that the names of all Services end with. */
export function checkedDomain(where: string, domain = 'cluster.local'): string {
  const services = /^svc\./.test(domain);
  const expected = services
    ? 'the domain without "svc.", which stands before it'
    : expectedDnsSubdomain(domain);
  if (expected === undefined) return domain;
  const fix = services ? `'${domain.replace('svc.', '')}'` : `'cluster.local'`;
  return refuse({ code: 'cluster-domain', where, got: domain, expected, fix });
}

/** Labels that choose pods: valid, sorted, and at least one, or they would choose all pods. */
export function checkedPodLabels(
  where: string,
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  const checked = checkedLabels(where, labels);
  if (Object.keys(checked).length > 0) return checked;
  return refuse({
    code: 'empty-selector',
    where,
    got: labels,
    expected: 'at least one label: without one, every pod of the namespace would be meant',
    fix: `{ 'app.kubernetes.io/name': 'prometheus' }`,
  });
}
