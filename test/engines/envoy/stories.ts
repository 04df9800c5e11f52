/**
 * Manifests, and requests to pods that they are about, answered twice: by our engine, and by Envoy
 * with the listener that istiod's code writes for the same manifests.
 */

import { decideRequest } from '../../../src/engine/istio/decide';
import type { Decision } from '../../../src/engine/istio/decide';
import { engineRequest, policiesAt, sidecarOf } from '../../engine/istio/asking';
import type { MeshPod, MeshRequest } from '../../naive/istio-world';
import type { Manifest } from '../../naive/load-yaml';
import type { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { SERVED, SERVER } from './bootstrap';
import type { Served } from './bootstrap';
import { certificatesFor, spiffe } from './certificates';
import type { Inbound, Workload } from './inbound';
import { inboundsOf } from './inbound';
import type { RawAnswer, RawRequest } from './requests';
import { httpText, sendAll } from './requests';
import { namespaceOfEveryAddress, whileServing } from './sidecars';
import type { Flaw } from './tokens';
import { KEYS, signed } from './tokens';

export interface Story {
  readonly manifests: readonly Manifest[];
  readonly requests: readonly StoryRequest[];
  /** What every authorizer says. */
  readonly says: boolean;
}

export interface StoryRequest extends MeshRequest {
  readonly flaw?: Flaw;
}

/** One request, or why it cannot be observed here. */
export type Cell = Observed | { readonly skipped: string };

export interface Observed {
  readonly name: string;
  readonly ours: 'ALLOWED' | 'DENIED' | 'UNKNOWN';
  readonly theirs: 'ALLOWED' | 'DENIED';
  readonly evidence: () => string;
}

/** Ports that pods serve, besides those on which their sidecars see requests. */
const PORTS = [80, 8080, 9000];

/** Stories that one Envoy serves: each pod of each is a listener. */
const AT_ONCE = 80;

export interface AskOptions {
  /** Names of filters that Envoy does without. */
  readonly without?: readonly string[];
}

export async function cellsOf(
  run: Run,
  stories: readonly Story[],
  options: AskOptions = {},
): Promise<Cell[]> {
  const networkNamespace = await namespaceOfEveryAddress(run, `l7-${Date.now() % 100_000}`);
  const identities = stories.flatMap(({ requests }) =>
    requests.flatMap(({ from }) => identityOf(from) ?? []),
  );
  const certificates = await certificatesFor([SERVER, ...identities]);
  const cells: Cell[] = [];
  for (let first = 0; first < stories.length; first += AT_ONCE) {
    const some = (await settled(stories.slice(first, first + AT_ONCE))).map(prepared);
    const pods = some.flatMap((one) => one.pods);
    const asked = some.flatMap((one) => one.asked);
    const raw = asked.flatMap((one) => ('raw' in one ? one.raw : []));
    const send = () => sendAll(raw, { networkNamespace, leaves: certificates.leaves });
    const answers = await whileServing(
      run,
      networkNamespace,
      { pods, certificates, ...options },
      send,
    );
    cells.push(...judged(asked, answers));
  }
  return cells;
}

/** Into one table of the closing lines. */
export function tallied(part: string, cells: readonly Cell[]): void {
  const tally = new Tally('envoy', part);
  for (const cell of cells) {
    if ('skipped' in cell) tally.skip(cell.skipped);
    else tally.compare(cell.name, cell, cell.evidence);
  }
  tally.close();
}

interface Settled extends Story {
  readonly places: readonly Place[];
}

interface Place {
  readonly pod: MeshPod;
  readonly workload: Workload;
  readonly inbound?: Inbound;
}

let pods = 0;

/** With names that differ, keys for tokens, and what istiod writes. */
async function settled(stories: readonly Story[]): Promise<Settled[]> {
  const whole = stories.map((story) => {
    const manifests = story.manifests.map(prepare);
    const targets = [...new Set(story.requests.map(({ to }) => to))];
    const places = targets.map((pod): Place => ({ pod, workload: workloadOf(pod) }));
    return { ...story, manifests, places };
  });
  const answers = await inboundsOf(
    whole.map(({ manifests, places }) => ({
      manifests,
      workloads: places.map(({ workload }) => workload),
    })),
  );
  return whole.map((story, at) => {
    const { error, inbounds, refused } = answers[at] ?? { error: 'no answer' };
    if (error !== undefined) throw new Error(`istiod's code: ${error}`);
    const places = story.places.map((place, index) => ({ ...place, inbound: inbounds?.[index] }));
    // what the webhook refuses never exists
    const manifests = story.manifests.filter((_, index) => refused?.[String(index)] === undefined);
    return { ...story, manifests, places };
  });
}

function prepare(manifest: Manifest, index: number): Manifest {
  const { creationTimestamp } = manifest.metadata as { creationTimestamp?: string };
  const created = creationTimestamp && { creationTimestamp: `${creationTimestamp}T00:00:00Z` };
  const metadata = { ...manifest.metadata, name: `policy-${index}`, ...created };
  const named = { ...manifest, metadata };
  if (manifest.kind !== 'RequestAuthentication') return named;
  const { spec } = manifest as { spec?: { jwtRules?: readonly object[] } };
  // keys of the test take the place of keys that would be fetched
  const jwtRules = (spec?.jwtRules ?? []).map((rule) => {
    const others = Object.entries(rule).filter(([key]) => key !== 'jwksUri');
    return { ...Object.fromEntries(others), jwks: KEYS };
  });
  return { ...named, spec: { ...spec, jwtRules } } as Manifest;
}

function workloadOf({ namespace, labels, httpPorts }: MeshPod): Workload {
  pods += 1;
  const address = `10.200.${pods >> 8}.${pods & 255}`;
  const numbers = [...new Set([...PORTS, ...httpPorts])];
  const ports = numbers.map((number) => ({ number, http: httpPorts.includes(number) }));
  return { namespace, labels: labels ?? {}, address, ports };
}

type Question =
  | { readonly skipped: string }
  | {
      readonly raw: RawRequest;
      readonly request: StoryRequest;
      readonly story: Settled;
      readonly decision: Decision;
      readonly isHttp: boolean;
    };

function prepared(story: Settled): { readonly pods: Served[]; readonly asked: Question[] } {
  const served = story.places.flatMap(({ workload, inbound }): Served[] =>
    inbound === undefined
      ? []
      : [
          {
            listener: inbound.listener,
            addresses: [workload.address, inFamily6(workload.address)],
            ports: workload.ports.map(({ number }) => number),
            authorizes: story.says,
          },
        ],
  );
  return { pods: served, asked: story.requests.flatMap((request) => questionsOf(story, request)) };
}

/** One of each address that the caller has: a connection speaks one family. */
function questionsOf(story: Settled, request: StoryRequest): Question[] {
  const { from, to, port } = request;
  const place = story.places.find(({ pod }) => pod === to);
  const served = place?.workload.ports.some(({ number }) => number === port);
  if (served !== true) return [{ skipped: 'the sidecar does not capture the port' }];
  const addresses = 'namespace' in from ? (from.ips ?? [from.ip ?? '']) : [from.ip];
  if (place?.inbound === undefined) throw new Error('istiod wrote no listener');
  const { inbound, workload } = place;
  return addresses.map((address): Question => {
    if (address === '') return { skipped: 'the caller has no address' };
    const isHttp = to.httpPorts.includes(port);
    const one = 'namespace' in from ? { ...from, ip: address, ips: [address] } : from;
    const asked = { ...request, from: one };
    const decision = decideRequest(
      policiesAt(story.manifests, sidecarOf(to), { port, isHttp }),
      engineRequest(asked, story.says),
    );
    const host = address.includes(':') ? `[${inFamily6(workload.address)}]` : workload.address;
    const plaintext = request.plaintext === true || inbound.mtls[port] === 'DISABLE';
    const identity = plaintext ? undefined : identityOf(from);
    const raw: RawRequest = {
      from: address,
      to: `${host}:${port}`,
      ...(identity === undefined ? {} : { identity }),
      // as a sidecar does that knows the port's protocol
      protocol: isHttp ? 'istio-http/1.1' : 'istio',
      text: textOf(request),
    };
    return { raw, request: asked, story, decision, isHttp };
  });
}

function textOf({ method = 'GET', path = '/', host = 'models.test', jwt, flaw }: StoryRequest) {
  const headers: Record<string, string> =
    jwt === undefined ? {} : { Authorization: `Bearer ${signed(jwt, flaw)}` };
  return httpText({ method, path, host, headers });
}

function judged(asked: readonly Question[], answers: readonly RawAnswer[]): Cell[] {
  const left = [...answers];
  return asked.map((question): Cell => {
    if ('skipped' in question) return question;
    const answer = left.shift();
    if (answer === undefined) throw new Error('a request has no answer');
    const theirs = verdictOf(answer, question.isHttp);
    if (theirs === undefined) return { skipped: `Envoy answers ${answer.status}: no such request` };
    const { request, decision, story } = question;
    const { from, to, port, method, path, host, jwt, plaintext, flaw } = request;
    return {
      name: `${'namespace' in from ? `${from.name} ` : ''}${from.ip ?? ''} -> ${to.name}:${port}`,
      ours: decision.verdict,
      theirs,
      evidence: () =>
        [
          JSON.stringify({ method, path, host, jwt, plaintext, flaw, says: story.says }),
          `we: ${decision.by.kind}`,
          `Envoy: ${JSON.stringify(answer)}`,
          ...story.manifests.map((one) => JSON.stringify(one).replace(KEYS_TEXT, '')),
        ].join('\n'),
    };
  });
}

const KEYS_TEXT = /,"jwks":"(\\"|[^"])*"/g;

/** Undefined: Envoy does not take it for a request. */
function verdictOf({ status, body }: RawAnswer, isHttp: boolean): Observed['theirs'] | undefined {
  // behind a proxy that sees bytes, whatever is answered comes from the application
  if (!isHttp) return status === 0 ? 'DENIED' : 'ALLOWED';
  if (status === 200 && body === SERVED) return 'ALLOWED';
  return [0, 401, 403].includes(status) ? 'DENIED' : undefined;
}

function identityOf(from: MeshRequest['from']): string | undefined {
  if (!('namespace' in from) || !from.inMesh) return undefined;
  return spiffe({ namespace: from.namespace, account: from.serviceAccount ?? 'default' });
}

/** `10.200.0.7` -> `2001:db8:c8::7` */
function inFamily6(address: string): string {
  const [, , high = '', low = ''] = address.split('.');
  return `2001:db8:c8::${(Number(high) * 256 + Number(low)).toString(16)}`;
}
