/** What an answer says of a request. */

import type { RawAnswer } from '../envoy/requests';

/** Refusals of a sidecar (401 tokens, 403 rules, 502 hosts), and ends that nobody answers (0, 503, 504). */
const REFUSED = [0, 401, 403, 502, 503, 504];

/** `servers`: pods that may answer, as namespace/name. An Error when it is neither. */
export function wordOf(
  answer: RawAnswer | undefined,
  servers: readonly string[],
): 'ALLOWED' | 'DENIED' {
  if (answer?.status === 200 && servers.includes(answer.body)) return 'ALLOWED';
  if (answer !== undefined && REFUSED.includes(answer.status)) return 'DENIED';
  throw new Error(`no answer of ${servers.join(', ')}: ${JSON.stringify(answer)}`);
}
