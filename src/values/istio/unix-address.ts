/**
 * Addresses that are unix sockets: `unix:///path/to/socket`, or `unix://@name` for an abstract one.
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateUnixAddress
 */
import type { Field } from './field';

const PREFIX = 'unix://';

export function isUnixAddress(address: unknown): boolean {
  return typeof address === 'string' && address.startsWith(PREFIX);
}

/** What follows the prefix; the whole text where there is none. */
export function unixPath(address: string): string {
  return isUnixAddress(address) ? address.slice(PREFIX.length) : address;
}

export function checkUnixAddress(field: Field): void {
  if (!/^(?:@|\/(?:[^]*[^/])$)/.test(unixPath(field.text))) {
    field.refuse('unix:// with an absolute path to a file, or with @name');
  }
}
