/** How bad a finding is, and from where on it is an objection. */
import type { Finding, Severity } from './result';

/** From the worst to the least. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** Whether a finding is at least that bad, and nothing excuses it. */
export function isObjection({ severity, acknowledged }: Finding, failOn: Severity): boolean {
  return acknowledged === undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
}
