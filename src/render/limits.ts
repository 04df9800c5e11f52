/**
 * Limits beyond addresses and ports: identities, HTTP requests and tokens.
 */
import type { FlowData } from '../traffic/data';

/** What a flow limits that NetworkPolicy cannot say, in words. */
export function limitOf({ from, http }: FlowData): string | undefined {
  const limits = [
    ...(from.kind === 'identity' ? ['identity'] : []),
    ...(http.length > 0 ? ['HTTP requests'] : []),
    ...(http.some(({ jwt }) => jwt !== undefined) ? ['tokens'] : []),
  ];
  return limits.length === 0 ? undefined : limits.join(', ');
}

/** Whether L3/L4 stands in for a limit, and for which. */
export function limitWaivers(flow: FlowData): string[] {
  const limit = limitOf(flow);
  return limit === undefined || !flow.withoutMesh ? [] : [`L3/L4 stands in for ${limit}`];
}
