/**
 * Would Istio accept this object? Everything that the API server (CRD) and istiod's webhook would
 * say about a written manifest, as data.
 *
 * Pure, over plain data, and closed: a kind of Istio that is not checked here is a problem, not
 * silence. What Istio accepts but ignores or reads otherwise is not asked here.
 * Sources: istio/istio of August 2026 (1.32 development), as cited beside each rule;
 * ../shared/oracles/istio-webhook holds its own cases
 */
import { AUTHORIZATION_POLICY } from './authorization-policy';
import { checkShape, withoutNulls } from './crd';
import { DESTINATION_RULE } from './destination-rule';
import { ENVOY_FILTER } from './envoy-filter';
import { Field, type IstioProblem, isRecord } from './field';
import { GATEWAY } from './gateway';
import type { IstioKind } from './kind';
import { checkMetadata, metadataOf } from './metadata';
import { PEER_AUTHENTICATION } from './peer-authentication';
import { REQUEST_AUTHENTICATION } from './request-authentication';
import { SERVICE_ENTRY } from './service-entry';
import { SIDECAR } from './sidecar';
import { VIRTUAL_SERVICE } from './virtual-service';
import { WORKLOAD_ENTRY } from './workload-entry';

export type { IstioLayer, IstioProblem } from './field';

/** One line a kind. */
export const ISTIO_KINDS: readonly IstioKind[] = [
  AUTHORIZATION_POLICY,
  DESTINATION_RULE,
  ENVOY_FILTER,
  GATEWAY,
  PEER_AUTHENTICATION,
  REQUEST_AUTHENTICATION,
  SERVICE_ENTRY,
  SIDECAR,
  VIRTUAL_SERVICE,
  WORKLOAD_ENTRY,
];

const TOP_LEVEL = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

/** Whether an object belongs to one of Istio's API groups, checked here or not. */
export function isIstioObject(object: unknown): boolean {
  return groupOf(rootOf(object, 'crd', [])).endsWith('.istio.io');
}

/**
 * Everything that Istio objects to in a whole manifest, errors and warnings, in written order.
 *
 * A field that both gates refuse is reported once, in the webhook's words.
 */
export function checkIstioObject(object: unknown): readonly IstioProblem[] {
  const fromCrd: IstioProblem[] = [];
  const root = rootOf(object, 'crd', fromCrd);
  const kind = knownKind(root);
  if (kind === undefined) return fromCrd;
  const kept = keptOf(object, kind);
  checkCrd(rootOf(kept, 'crd', fromCrd), kind);

  const fromWebhook: IstioProblem[] = [];
  checkWebhook(rootOf(kept, 'webhook', fromWebhook), kind);
  const refused = new Set(fromWebhook.filter(isError).map(({ field }) => field));
  return [...fromCrd.filter(({ field }) => !refused.has(field)), ...fromWebhook];
}

/** The object without the nulls of its spec that neither gate gets to see. */
function keptOf(object: unknown, { shape }: IstioKind): unknown {
  if (!isRecord(object)) return object;
  const { spec, ...rest } = object;
  if (spec === undefined || spec === null) return rest;
  return { ...rest, spec: withoutNulls(spec, shape) };
}

/** The kind of the object; reports, and returns undefined, when it is not checked here. */
function knownKind(root: Field): IstioKind | undefined {
  const [group, name] = [groupOf(root), root.at('kind').text];
  const kind = ISTIO_KINDS.find((known) => known.group === group && known.kind === name);
  if (kind === undefined) {
    const kinds = ISTIO_KINDS.map((known) => `${known.group}/${known.kind}`);
    root
      .at('kind')
      .refuse(`one of the kinds checked here: ${kinds.join(', ')}`, `${group}/${name}`);
  }
  return kind;
}

function checkCrd(root: Field, kind: IstioKind): void {
  const versions = kind.versions.map((version) => `${kind.group}/${version}`);
  if (!versions.includes(root.at('apiVersion').text)) {
    root.at('apiVersion').refuse(`one of ${versions.join(', ')}`);
  }
  for (const [name, field] of root.entries) {
    if (!TOP_LEVEL.includes(name)) field.refuse(`one of the fields ${TOP_LEVEL.join(', ')}`);
    if (name === 'spec') checkShape(field, kind.shape);
  }
  if (kind.specRequired && !root.at('spec').isSet) root.at('spec').refuse('a spec');
}

function checkWebhook(root: Field, kind: IstioKind): void {
  checkMetadata(root, kind);
  kind.check(root.at('spec'), metadataOf(root));
}

function rootOf(object: unknown, layer: 'crd' | 'webhook', problems: IstioProblem[]): Field {
  return new Field(object, '', layer, problems);
}

function groupOf(root: Field): string {
  return root.at('apiVersion').text.split('/')[0] ?? '';
}

function isError({ severity }: IstioProblem): boolean {
  return severity === 'error';
}
