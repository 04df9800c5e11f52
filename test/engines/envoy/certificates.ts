/** X.509 certificates for identities of the mesh, from an authority that one call makes and forgets. */

import { built } from '../harness/build';
import type { Program } from '../harness/build';
import { output } from '../harness/output';

const CERTIFICATES: Program = {
  module: 'requests',
  package: './cmd/certificates',
  binary: 'certificates',
};

export interface Leaf {
  readonly certificate: string;
  readonly key: string;
}

export interface Certificates {
  /** The certificate that all others are signed with. */
  readonly authority: string;
  /** By URI. */
  readonly leaves: Readonly<Record<string, Leaf>>;
}

export async function certificatesFor(uris: readonly string[]): Promise<Certificates> {
  const input = JSON.stringify([...new Set(uris)]);
  return JSON.parse(await output(await built(CERTIFICATES), [], { input })) as Certificates;
}

export interface Account {
  readonly namespace: string;
  readonly account: string;
  readonly trustDomain?: string;
}

export function spiffe({ namespace, account, trustDomain = 'cluster.local' }: Account): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${account}`;
}
