/**
 * Names as istiod's webhook reads them: DNS labels, FQDNs, wildcard domains, label keys and values.
 *
 * Not Kubernetes' rules (../names.ts): Istio lets upper case pass, and wildcards in the first label.
 * Sources: istio/istio:pkg/config/labels/instance.go, pkg/config/host/name.go,
 * pkg/config/validation/agent/validation.go
 */
import { isIP } from 'node:net';
import type { Field } from './field';

const DNS_LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const WILDCARD_LABEL = /^(?:\*|(?:\*-?)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;
const LABEL_NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DNS_PREFIX =
  /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*$/;

/** W-03: at most 63 letters, digits and inner hyphens. */
export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && DNS_LABEL.test(name);
}

/** W-04: labels joined by dots, the last not all digits; one trailing dot is allowed. */
export function isFqdn(name: string): boolean {
  return name.length >= 1 && name.length <= 255 && hasValidLabels(name);
}

/** W-05: as a FQDN, but the first label may be `*`, `*x` or `*-x`. */
export function isWildcardDomain(name: string): boolean {
  if (name.length < 1 || name.length > 255) return false;
  const dot = name.indexOf('.');
  const first = dot < 0 ? name : name.slice(0, dot);
  if (first.length > 63 || !WILDCARD_LABEL.test(first)) return false;
  return dot < 0 || hasValidLabels(name.slice(dot + 1));
}

/** Contains a wildcard that is neither the whole name nor its whole first label: `*foo.com`. */
export function isPartialWildcard(name: string): boolean {
  return name.includes('*') && name !== '*' && !name.startsWith('*.');
}

/** Whether two hosts, wildcards included, have a name in common. */
export function hostsOverlap(a: string, b: string): boolean {
  return hostCovers(a, b) || hostCovers(b, a);
}

/** Whether every name of `inner` is one of `outer`'s: `*.com` covers `*.foo.com` and `foo.com`. */
export function hostCovers(outer: string, inner: string): boolean {
  if (!outer.startsWith('*')) return outer === inner;
  if (!inner.startsWith('*')) return inner.endsWith(outer.slice(1));
  return outer.length <= inner.length && inner.slice(1).endsWith(outer.slice(1));
}

export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** An address, or a block `address/bits` without zone; host bits may be set. */
export function isIpOrCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  if (bits === undefined) return isIpAddress(address);
  if (rest.length > 0 || address.includes('%') || !/^(?:0|[1-9]\d{0,2})$/.test(bits)) return false;
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}

/** W-07: labels with Kubernetes' syntax. */
export function checkLabels(labels: Field): void {
  for (const [key, value] of labels.entries) {
    if (!isLabelKey(key)) {
      value.refuse('a label key: an optional DNS name and "/", then letters, digits, "-_."', key);
    }
    if (value.text !== '' && !LABEL_NAME.test(value.text)) {
      value.refuse('a label value: letters, digits, "-_.", starting and ending alphanumeric');
    }
  }
}

export function checkFqdnOrIp(field: Field): void {
  if (!isFqdn(field.text) && !isIpAddress(field.text)) field.refuse('a host name or an IP address');
}

export function checkIpAddress(field: Field): void {
  if (!isIpAddress(field.text)) field.refuse('an IP address');
}

export function checkIpOrCidr(field: Field): void {
  if (!isIpOrCidr(field.text)) field.refuse('an IP address or a CIDR');
}

function hasValidLabels(domain: string): boolean {
  const labels = domain.split('.');
  const last = labels.at(-1) ?? '';
  if (/^\d+$/.test(last)) return false;
  // the empty last label of an unambiguous name such as `istio.io.`
  return (last === '' ? labels.slice(0, -1) : labels).every(isDnsLabel);
}

function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const prefixValid = slash < 0 || (slash <= 253 && DNS_PREFIX.test(key.slice(0, slash)));
  const name = key.slice(slash + 1);
  return prefixValid && name.length <= 63 && LABEL_NAME.test(name);
}
