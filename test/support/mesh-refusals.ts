/**
 * Is a refusal right? For each code, whether the story itself, read without src/, holds the reason.
 */

import type { MeshPod } from '../naive/istio-world';
import { isAuthenticated } from './mesh-declared';
import { isAddress, isIdentity } from './mesh-peers';
import type { Reading } from './mesh-declared';
import { differencesOf, rulesAt, targetsOf } from './mesh-judge';
import type { Grant, Peer, Workload } from './mesh-story';
import { carries, isWritable, namespaceInMesh, TRUST_DOMAIN, workloadInMesh } from './mesh-story';
import type { Asked, Witness } from './mesh-witnesses';
import { askedOf, isPod } from './mesh-witnesses';

type Target = Witness & { readonly end: MeshPod };

/** Codes whose reason this file can find. */
export const CONFIRMED: Readonly<Record<string, (reading: Reading) => boolean>> = {
  'shared-identity': (reading) =>
    mayBeLabelled(reading) ||
    areToldApart(reading) ||
    targetsOf(reading).some((target) => isShared(reading, target)),
  'http-on-tcp-port': (reading) => enforced(reading).some((target) => isOpaque(reading, target)),
  'caller-mesh-unknown': (reading) =>
    targetsOf(reading).some(
      ({ end }) =>
        reading.isStrict(end) &&
        reading.grants.some(
          (grant) => reading.means(grant.to, end) && mayBeEither(reading, grant.from),
        ),
    ),
  'limit-not-isolated': (reading) =>
    limited(reading).some(
      ({ to }) =>
        !writable(reading, to) ||
        targetsOf(reading).some(
          ({ end }) => reading.means(to, end) && !reading.isIsolated(end, 'ingress'),
        ),
    ),
  'namespace-grant-narrowed': (reading) =>
    reading.grants.some(
      (grant) =>
        (grant.to.kind === 'namespace' || grant.to.kind === 'pods') &&
        targetsOf(reading).some(({ end }) => isNarrowedAt(reading, grant, end)),
    ),
  'plaintext-ports': (reading) =>
    plaintextAtStrict(reading).some(
      ({ ports }) =>
        ports !== undefined &&
        ports !== 'all' &&
        ports.some(({ port, endPort = port }) => endPort - port >= 128),
    ),
  'plaintext-to-unnamed-pods': (reading) =>
    plaintextAtStrict(reading).some(({ to }) => to.kind !== 'workload'),
  'limit-not-tcp': (reading) =>
    limited(reading).some(
      ({ ports, to }) =>
        ports === 'all' ||
        (ports ?? []).some(({ protocol }) => protocol !== 'TCP') ||
        (ports === undefined &&
          to.kind === 'workload' &&
          to.workload.ports.some(({ kind }) => kind === 'udp')),
    ),
  'requests-of-many': (reading) =>
    limited(reading).some(({ to, http }) => http !== undefined && to.kind !== 'workload'),
  'jwt-never-matches': ({ grants }) =>
    grants.some(({ from, http = [] }) =>
      http.some(
        ({ jwt }) =>
          from.kind === 'subject' &&
          jwt !== undefined &&
          (jwt.issuer !== from.issuer ||
            (jwt.subjects.length > 0 && !jwt.subjects.includes(from.subject))),
      ),
    ),
  'jwt-without-authentication': (reading) =>
    reading.grants.some(({ from, to, http = [] }) => {
      const issuers = http.flatMap(({ jwt }) => jwt?.issuer ?? []);
      const asked = from.kind === 'subject' ? [...issuers, from.issuer] : issuers;
      return asked.some(
        (issuer) => !reading.story.tokens.some((one) => isAbout(one.workload, to, issuer, one)),
      );
    }),
  'requests-without-mesh': ({ story }) =>
    story.mesh === 'none' && story.tokens.some(({ waived }) => waived !== true),
  'requests-out-of-mesh': ({ story }) =>
    story.tokens.some(
      ({ workload, waived }) => waived !== true && workloadInMesh(story, workload) !== true,
    ),
  'caller-around-waypoint': (reading) =>
    requestsLimited(reading).some(({ end }) =>
      reading.grants.some(
        ({ from, to }) =>
          reading.means(to, end) &&
          (mayBeEither(reading, from) ||
            reading.witnesses.some(
              (one) =>
                !isAuthenticated({ ...one, plaintext: false }) && reading.means(from, one.end),
            )),
      ),
    ),
  'waypoint-open': (reading) =>
    requestsLimited(reading).some(({ end }) =>
      targetsOf(reading).some(
        (other) =>
          other.end.namespace === end.namespace && !reading.isIsolated(other.end, 'ingress'),
      ),
    ),
  'ports-unlisted': (reading) =>
    reading.story.mesh !== 'none' &&
    reading.grants.some(
      ({ from, to, ports }) =>
        (reading.story.mesh === 'sidecar' || !isAddress(from)) &&
        enforced(reading).some(({ end }) => reading.means(to, end)) &&
        ports !== undefined &&
        ports !== 'all' &&
        ports.some(({ port, endPort = port }) => endPort - port >= 256),
    ),
  'waypoint-without-service': (reading) => requestsLimited(reading).length > 0,
  'waypoint-namespace': (reading) =>
    requestsLimited(reading).some(({ end }) =>
      reading.story.namespaces.some(({ name, kind }) => name === end.namespace && kind !== 'ours'),
    ),
  'mtls-out-of-mesh': ({ story }) =>
    story.mtls.some(({ namespace, workload }) =>
      workload === undefined
        ? namespaceInMesh(story, namespace) !== true
        : workloadInMesh(story, workload) !== true,
    ),
  'limit-without-mesh': (reading) => reading.story.mesh === 'none' && limited(reading).length > 0,
  'limit-out-of-mesh': (reading) =>
    limited(reading).some(({ to }) =>
      to.kind === 'workload'
        ? workloadInMesh(reading.story, to.workload) !== true
        : mayBeOutside(reading, to),
    ),
  'principal-of-another-mesh': ({ story }) =>
    story.grants.some(({ from }) => from.kind === 'principal' && from.trustDomain !== TRUST_DOMAIN),
  'caller-unknown': ({ story }) =>
    story.grants.some(
      ({ from }) =>
        (from.kind === 'account' || from.kind === 'principal') &&
        isWritable(story, from.namespace) &&
        !story.workloads.some(
          (one) => one.namespace === from.namespace && one.account === from.account,
        ),
    ),
};

/**
 * One caller may send a request, another one that may connect may not, and nothing in the mesh tells
 * them apart: the first has no identity, or the second has the same one, as far as is known.
 */
function isShared(reading: Reading, target: Target): boolean {
  if (!reading.isEnforced(target.end) || !reading.isIsolated(target.end, 'ingress')) return false;
  const questions = askedOf(reading.story, target.end, rulesAt(reading, target.end));
  const callers = reading.witnesses.filter(({ end }) => end !== target.end);
  return questions.some((asked) => {
    const admitted = callers.filter((one) => reading.answer(one, target.end, asked) === 'yes');
    const others = callers.filter(
      (one) =>
        reading.answer(one, target.end, asked) !== 'yes' &&
        reading.connects(one, target.end, asked),
    );
    return admitted.some((one) => others.some((other) => isMistaken(reading, one, other)));
  });
}

/** Others' namespaces may carry a label that chooses callers. */
function mayBeLabelled({ grants, story }: Reading): boolean {
  return (
    grants.some(({ from }) => from.kind === 'namespaces') &&
    grants.some(({ from }) => {
      const namespace = from.kind === 'workload' ? from.workload.namespace : namespaceOf(from);
      return namespace !== undefined && !isWritable(story, namespace);
    })
  );
}

/** The same pods twice, with other facts: each grant is taken at its own word. */
function areToldApart({ grants }: Reading): boolean {
  const groups = grants.flatMap(({ from }) => (from.kind === 'pods' ? [from] : []));
  return groups.some((one) =>
    groups.some(
      (other) =>
        one.namespace === other.namespace &&
        carries(one.labels, other.labels) &&
        (one.account !== other.account || one.mesh !== other.mesh),
    ),
  );
}

function isMistaken(reading: Reading, one: Witness, other: Witness): boolean {
  if (!isAuthenticated(one) || !isPod(one.end)) return true;
  if (!isPod(other.end) || one.end.namespace !== other.end.namespace) return false;
  const account = reading.workloadOf(one.end)?.account;
  return account === undefined || one.end.serviceAccount === other.end.serviceAccount;
}

function isOpaque(reading: Reading, { end }: Target): boolean {
  const tokens = reading.story.tokens.filter((one) => one.workload === reading.workloadOf(end));
  const guarded = tokens.length > 0;
  if (tokens.some(({ workload }) => !workload.ports.some(carriesRequests))) return true;
  const asking = reading.grants.filter(
    (grant) =>
      reading.means(grant.to, end) &&
      (guarded || grant.http !== undefined || grant.from.kind === 'subject'),
  );
  const bytes = (asked: Asked): boolean =>
    asked.protocol === 'UDP' || !end.httpPorts.includes(asked.port);
  return askedOf(reading.story, end, [])
    .filter(({ port }) => port !== 15020)
    .some((asked) => bytes(asked) && asking.some((grant) => reading.opens(grant, end, asked)));
}

/** Whether some pods of a group have no proxy. */
function mayBeOutside(reading: Reading, to: Peer): boolean {
  const namespace = namespaceOf(to);
  return (
    (namespace !== undefined && namespaceInMesh(reading.story, namespace) !== true) ||
    targetsOf(reading).some(({ end }) => !end.inMesh && reading.means(to, end))
  );
}

function carriesRequests({ kind, purpose }: Workload['ports'][number]): boolean {
  return purpose === 'service' && (kind === 'http' || kind === 'grpc');
}

/** Whether some who are meant may be in the mesh and some out of it, or nobody said. */
function mayBeEither(reading: Reading, peer: Peer): boolean {
  if (['any', 'all-pods', 'namespaces'].includes(peer.kind)) return true;
  const namespace = peer.kind === 'workload' ? peer.workload.namespace : namespaceOf(peer);
  const unsaid = namespace !== undefined && namespaceInMesh(reading.story, namespace) === undefined;
  const meant = reading.witnesses.filter(
    ({ end, conforms }) => conforms && reading.means(peer, end),
  );
  return (
    unsaid || new Set(meant.map((one) => isAuthenticated({ ...one, plaintext: false }))).size > 1
  );
}

function namespaceOf(peer: Peer): string | undefined {
  return 'namespace' in peer ? peer.namespace : undefined;
}

/** Pods of an ambient mesh whose requests are limited. */
function requestsLimited(reading: Reading): Target[] {
  if (reading.story.mesh !== 'ambient') return [];
  return targetsOf(reading).filter(
    ({ end }) =>
      reading.story.tokens.some(({ workload }) => workload === reading.workloadOf(end)) ||
      reading.grants.some(
        ({ from, to, http }) =>
          (http !== undefined || from.kind === 'subject') && reading.means(to, end),
      ),
  );
}

/** Grants to pods that accept mutual TLS only, from callers who may come without it. */
function plaintextAtStrict(reading: Reading): Grant[] {
  const strict = targetsOf(reading).filter(({ end }) => reading.isStrict(end));
  return reading.grants.filter(
    ({ from, to, relaxes }) =>
      relaxes !== true &&
      strict.some(({ end }) => reading.means(to, end)) &&
      (mayBeEither(reading, from) ||
        reading.witnesses.some(
          (one) => !isAuthenticated({ ...one, plaintext: false }) && reading.means(from, one.end),
        )),
  );
}

/** Grants with limits that only a mesh can hold. */
function limited({ grants }: Reading): Grant[] {
  return grants.filter(
    ({ from, http, waived }) =>
      !waived && (http !== undefined || isIdentity(from) || from.kind === 'subject'),
  );
}

function enforced(reading: Reading): Target[] {
  return targetsOf(reading).filter(({ end }) => reading.isEnforced(end));
}

function writable({ story }: Reading, to: Peer): boolean {
  const namespace = to.kind === 'workload' ? to.workload.namespace : namespaceOf(to);
  return namespace !== undefined && isWritable(story, namespace);
}

/** A grant to many pods meets a rule or tokens of one of them. */
function isNarrowedAt(reading: Reading, grant: Grant, end: MeshPod): boolean {
  if (!reading.means(grant.to, end) || grant.http !== undefined) return false;
  const workload = reading.workloadOf(end);
  if (reading.story.tokens.some((one) => one.workload === workload)) return true;
  return reading.story.grants.some(
    (rule) =>
      rule.say === 'L7AccessRule' &&
      rule.to.kind === 'workload' &&
      rule.to.workload === workload &&
      reading.contains(grant.from, rule.from),
  );
}

function isAbout(
  workload: Workload,
  to: Peer,
  issuer: string,
  tokens: { readonly issuer: string },
): boolean {
  return to.kind === 'workload' && to.workload === workload && tokens.issuer === issuer;
}

/** Whether what would be written without the refusal were right all the same. */
export function isNeedless(
  reading: Reading,
  manifests: Parameters<typeof differencesOf>[1],
): boolean {
  return differencesOf(reading, manifests, 1).differences.length === 0;
}
