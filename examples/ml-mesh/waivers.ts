/** What a cluster without a mesh gives up. Under a mesh that holds the limit, neither is in force. */

/** Requests, identities and tokens; L3/L4 stays. */
export const WITHOUT_MESH = { withoutMesh: 'l4' } as const;

/** Host names; the port stays. */
export const WITHOUT_NAMES = { withoutFqdn: 'internet' } as const;
