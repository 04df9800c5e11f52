/** Rules of policies in a line: whom they allow, on which ports. */
import type {
  ClusterPeer,
  ClusterPort,
  ClusterRule,
  PolicyPeer,
  PolicyPort,
  PolicyRule,
} from '../read/cluster';
import type { FieldPath } from '../read/resource';
import type { SelectorData } from '../values/selector';
import { isEverything } from '../values/selector';
import type { CompiledRule } from './istio/authorization';
import type { CallerCondition } from './istio/callers';
import { describeRequests } from './http/request-text';
import { isEveryRequest } from './http/requests';
import { NAME_LABEL } from './pods';
import type { Direction } from './compilation';

/** `ingress[0] allows TCP 8000 from app=gateway in llm-api` */
export function describeRule({ peers, ports, path }: PolicyRule, direction: Direction): string {
  const whom = peers === undefined ? 'everybody' : listed(peers.map(describePeer));
  return `${nameOf(path)} allows ${describePorts(ports)} ${joint(direction)} ${whom}`;
}

export function describeClusterRule(
  { action, peers, ports, path, name }: ClusterRule,
  direction: Direction,
): string {
  const word = { Accept: 'accepts', Deny: 'denies', Pass: 'passes on' }[action];
  const whom = listed(peers.map(describeClusterPeer));
  const called = name === undefined || name === '' ? '' : ` (${name})`;
  return `${nameOf(path)}${called} ${word} ${describePorts(ports)} ${joint(direction)} ${whom}`;
}

/** `rules[0] allows POST /v1/predict from namespace ml-jobs on 8080` */
export function describeAuthorization(rule: CompiledRule): string {
  const { action, index, callers, ports, requests } = rule;
  const word = { ALLOW: 'allows', DENY: 'denies', CUSTOM: 'asks about', AUDIT: 'audits' }[action];
  const what = isEveryRequest(requests) ? 'every request' : describeRequests(requests);
  const whom = listed(callers.map(describeCaller));
  const all = ports.some(([low, high]) => low <= 1 && high >= 65535);
  const on = all ? '' : ` on ${ports.map(span).join(',')}`;
  return `rules[${String(index)}] ${word} ${what} from ${whom}${on}`;
}

function describeCaller(condition: CallerCondition): string {
  if (condition.length === 0) return 'everybody';
  return condition
    .map(({ attribute, values, notValues }) =>
      [
        attribute,
        ...(values.length === 0 ? [] : [values.join('|')]),
        ...(notValues.length === 0 ? [] : [`not ${notValues.join('|')}`]),
      ].join(' '),
    )
    .join(' and ');
}

export function describePorts(ports: readonly (PolicyPort | ClusterPort)[] | undefined): string {
  if (ports === undefined) return 'every port';
  if (ports.length === 0) return 'no port';
  return ports
    .map(({ protocol = '', range, name }) =>
      `${protocol} ${name ?? (range === undefined ? 'every port' : span(range))}`.trim(),
    )
    .join(', ');
}

function describePeer(peer: PolicyPeer): string {
  if (peer.kind === 'block') {
    return peer.except.length === 0 ? peer.cidr : `${peer.cidr} but ${peer.except.join(', ')}`;
  }
  const pods = isEverything(peer.pods) ? 'every pod' : selectorText(peer.pods);
  if (peer.namespaces === undefined) return `${pods} of the namespace`;
  return `${pods} in ${namespacesText(peer.namespaces)}`;
}

function describeClusterPeer(peer: ClusterPeer): string {
  switch (peer.kind) {
    case 'pods': {
      const pods = isEverything(peer.pods.pods) ? 'every pod' : selectorText(peer.pods.pods);
      return `${pods} in ${namespacesText(peer.pods.namespaces)}`;
    }
    case 'networks':
      return listed(peer.cidrs);
    case 'nodes':
      return 'nodes';
    case 'names':
      return listed(peer.names);
  }
}

function namespacesText(selector: SelectorData): string {
  if (isEverything(selector)) return 'every namespace';
  const { [NAME_LABEL]: name, ...others } = selector.matchLabels;
  const plain = Object.keys(others).length === 0 && selector.matchExpressions.length === 0;
  return plain && name !== undefined ? name : `namespaces with ${selectorText(selector)}`;
}

function selectorText({ matchLabels, matchExpressions }: SelectorData): string {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values }) =>
      values.length === 0 ? `${key} ${operator}` : `${key} ${operator} ${values.join('|')}`,
    ),
  ].join(',');
}

function nameOf(path: FieldPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${String(step)}]`;
    return step === 'spec' ? text : `${text}${text === '' ? '' : '.'}${step}`;
  }, '');
}

function joint(direction: Direction): string {
  return direction === 'ingress' ? 'from' : 'to';
}

const SHOWN = 3;

/** The first few, and how many more. */
export function listed(texts: readonly string[]): string {
  const more = texts.length - SHOWN;
  if (more <= 0) return texts.join(', ');
  return `${texts.slice(0, SHOWN).join(', ')} and ${String(more)} more`;
}

function span([low, high]: readonly [number, number]): string {
  if (low === 1 && high === 65535) return 'every port';
  return low === high ? String(low) : `${String(low)}-${String(high)}`;
}
