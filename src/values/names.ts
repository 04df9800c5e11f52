/**
 * The API server's rules for names and labels, as functions that say what is expected.
 *
 * Each returns undefined when the name is valid, else the rule in words. What is no string at all
 * (JavaScript callers, `process.env.NAME!`) is not valid.
 * Source: kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go
 */

const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Namespaces, Services, service accounts of this library: RFC 1123 label, at most 63 characters. */
export function expectedDnsLabel(name: string): string | undefined {
  if (isText(name) && name.length <= 63 && LABEL.test(name)) return undefined;
  return 'an RFC 1123 label: at most 63 characters of a-z, 0-9 and "-", starting and ending alphanumeric';
}

/** Most object names: RFC 1123 subdomain, at most 253 characters. */
export function expectedDnsSubdomain(name: string): string | undefined {
  if (isText(name) && name.length <= 253 && SUBDOMAIN.test(name)) return undefined;
  return 'an RFC 1123 subdomain: at most 253 characters of a-z, 0-9, "-" and ".", each part starting and ending alphanumeric';
}

/** Label and annotation keys: an optional DNS prefix, "/" and a name of at most 63 characters. */
export function expectedLabelKey(key: string): string | undefined {
  const [name = '', prefix, ...rest] = isText(key) ? key.split('/').reverse() : [];
  const prefixValid = prefix === undefined || expectedDnsSubdomain(prefix) === undefined;
  if (rest.length === 0 && prefixValid && name.length <= 63 && QUALIFIED_PART.test(name)) {
    return undefined;
  }
  return 'a label key: an optional DNS subdomain and "/", then at most 63 characters of letters, digits, "-", "_" and ".", starting and ending alphanumeric';
}

/** Label values: empty, or at most 63 characters. */
export function expectedLabelValue(value: string): string | undefined {
  if (value === '') return undefined;
  if (isText(value) && value.length <= 63 && QUALIFIED_PART.test(value)) return undefined;
  return 'a label value: at most 63 characters of letters, digits, "-", "_" and ".", starting and ending alphanumeric';
}

/** Port names: IANA service names (RFC 6335), as the API server checks them. */
export function expectedPortName(name: string): string | undefined {
  const valid =
    isText(name) &&
    name.length <= 15 &&
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) &&
    /[a-z]/.test(name);
  if (valid) return undefined;
  return 'a port name: 1 to 15 characters of a-z, 0-9 and single inner "-", with at least one letter';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
