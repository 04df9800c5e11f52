/**
 * Who calls, as the mesh knows it: a service account, a namespace, a principal or a token's subject.
 *
 * NetworkPolicy cannot say identities and Istio cannot say pod labels: an identity opens L3/L4 for
 * the pods that are known to carry it, and the mesh decides who of them passes.
 */
import { fixFields } from './immutable';
import { expectedDnsLabel, expectedDnsSubdomain } from './names';
import type { IdentityData, IPeer, PeerData } from './peer';
import { refuse } from './problem';

/**
 * The identity of a caller.
 *
 * @see https://istio.io/latest/docs/concepts/security/#istio-identity
 */
export class Identity implements IPeer {
  /** Pods that run as this service account, in any trust domain that the mesh accepts. */
  public static serviceAccount(namespace: string, name: string): Identity {
    const where = 'Identity.serviceAccount';
    checkName(`${where}: namespace`, namespace, expectedDnsLabel, `'ml-jobs'`);
    checkName(`${where}: name`, name, expectedDnsSubdomain, `'job-runner'`);
    return new Identity({ kind: 'service-account', namespace, name });
  }

  /** Any authenticated pod of a namespace. */
  public static namespace(namespace: string): Identity {
    checkName('Identity.namespace: namespace', namespace, expectedDnsLabel, `'ml-jobs'`);
    return new Identity({ kind: 'namespace', namespace });
  }

  /** A principal in full: `cluster.local/ns/ml-jobs/sa/job-runner`. */
  public static principal(principal: string): Identity {
    const match = /^([^/*]+)\/ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(principal);
    const [, trustDomain = '', namespace = '', name = ''] = match ?? [];
    if (
      match === null ||
      expectedDnsLabel(namespace) !== undefined ||
      expectedDnsSubdomain(name) !== undefined
    ) {
      refuse({
        code: 'principal',
        where: 'Identity.principal',
        got: principal,
        expected: '<trust domain>/ns/<namespace>/sa/<service account>, without "spiffe://" and "*"',
        fix: `Identity.principal('cluster.local/ns/ml-jobs/sa/job-runner')`,
      });
    }
    return new Identity({ kind: 'principal', trustDomain, namespace, name });
  }

  /** Requests with a valid token of this issuer and subject, from any pod that may connect. */
  public static jwtSubject(issuer: string, subject: string): Identity {
    for (const [field, value] of Object.entries({ issuer, subject })) {
      if (typeof value === 'string' && value !== '' && !value.includes('*')) continue;
      refuse({
        code: 'jwt-value',
        where: `Identity.jwtSubject: ${field}`,
        got: value,
        expected: 'exact text without "*", not empty',
        fix: `Identity.jwtSubject('https://idp.example.com', 'alice')`,
      });
    }
    return new Identity({ kind: 'jwt', issuer, subject });
  }

  private constructor(private readonly identity: IdentityData) {
    fixFields(this);
  }

  public get peerName(): string {
    return describeIdentity(this.identity);
  }

  /** @internal */
  public _peer(): PeerData {
    return { kind: 'identity', identity: this.identity };
  }

  /** Readable form, the same as `peerName`. */
  public toString(): string {
    return this.peerName;
  }
}

/** Readable form: `service account ml-jobs/job-runner`. */
export function describeIdentity(identity: IdentityData): string {
  switch (identity.kind) {
    case 'service-account':
      return `service account ${identity.namespace}/${identity.name}`;
    case 'namespace':
      return `any identity of ${identity.namespace}`;
    case 'principal':
      return `principal ${identity.trustDomain}/ns/${identity.namespace}/sa/${identity.name}`;
    case 'jwt':
      return `token subject ${identity.subject} of ${identity.issuer}`;
  }
}

function checkName(
  where: string,
  name: string,
  check: (name: string) => string | undefined,
  fix: string,
): void {
  const expected = check(name);
  if (expected !== undefined) refuse({ code: 'identity-name', where, got: name, expected, fix });
}
