/**
 * Names of gateways in VirtualServices, and hosts of Gateway servers and Sidecar listeners.
 *
 * Sources: istio/istio:pkg/config/validation/validation.go (validateGatewayNames),
 * agent/validation.go (ValidateNamespaceSlashWildcardHostname)
 */
import type { Field } from './field';
import { isDnsLabel, isFqdn, isIpAddress, isPartialWildcard, isWildcardDomain } from './names';

/** VS-V2: `name`, `namespace/name`, or the old dotted form. */
export function checkGatewayNames(names: Field): void {
  for (const name of names.items) {
    const slash = name.text.indexOf('/');
    if (slash < 0) {
      if (name.text.includes('.')) name.warn('namespace/name: the dotted form is a legacy');
      if (!isFqdn(name.text)) name.refuse('the name of a gateway');
      // istiod looks at no name after the first without namespace
      return;
    }
    if (!isDnsLabel(name.text.slice(0, slash)) || !isDnsLabel(name.text.slice(slash + 1))) {
      name.refuse('namespace/name');
    }
  }
}

/** `[namespace/]dnsName` of a Gateway server. */
export function checkGatewayHost(host: Field): void {
  const [namespace, name] = split(host.text);
  if (namespace !== undefined && !['*', '.'].includes(namespace) && !isDnsLabel(namespace)) {
    host.refuse('"*", "." or a namespace before the slash', namespace);
  }
  if (!isIpAddress(name) || !name.includes('.')) checkDnsName(host, name);
}

/** SC-V4: `namespace/dnsName` of a Sidecar listener. */
export function checkSidecarHost(host: Field): void {
  const [namespace, name] = split(host.text);
  if (namespace === undefined) {
    host.refuse('namespace/dnsName, such as ./* or istio-system/*');
    return;
  }
  const excluded = namespace.replace(/^~/, '');
  const isAnyOrOwn = ['*', '.'].includes(excluded) || namespace === '~';
  if (!isAnyOrOwn && !isDnsLabel(excluded)) {
    host.refuse('"*", ".", "~", a namespace or ~namespace before the slash', namespace);
  }
  checkDnsName(host, name);
}

function checkDnsName(host: Field, name: string): void {
  const isShort = name !== '*' && !name.includes('.');
  if (isShort || !isWildcardDomain(name) || isPartialWildcard(name)) {
    host.refuse(
      'a name with a dot, *.name or "*": short names and partial wildcards are refused',
      name,
    );
  }
}

function split(text: string): readonly [string | undefined, string] {
  const slash = text.indexOf('/');
  return slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
}
