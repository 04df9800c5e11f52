/**
 * What a resource attaches to and who sees it: selectors, targetRefs, exportTo (W-07 to W-09).
 *
 * Source: istio/istio:pkg/config/validation/validation.go (validateWorkloadSelector,
 * ValidateAlphaWorkloadSelector, validatePolicyTargetReference, validateExportTo)
 */
import { type Field, isRecord } from './field';
import { isDnsLabel } from './names';
import { type Rule, atMostOne, list, mapOf, object, text } from './shape';

const noWildcard = (message: string): Rule<string> => ({
  message,
  holds: (value) => !value.includes('*'),
});

/** Selector of security policies and DestinationRules. */
export const SELECTOR = object({
  matchLabels: mapOf(
    text({ max: 63, rules: [noWildcard('wildcard not allowed in label value match')] }),
    {
      max: 4096,
      rules: [
        {
          message: 'wildcard not allowed in label key match',
          holds: (labels) => Object.keys(labels).every((key) => !key.includes('*')),
        },
        { message: 'key must not be empty', holds: (labels) => !Object.hasOwn(labels, '') },
      ],
    },
  ),
});

/** Selector of networking resources. */
export const WORKLOAD_SELECTOR = object({
  labels: mapOf(text({ max: 63, rules: [noWildcard('wildcard is not supported in selector')] }), {
    max: 256,
  }),
});

export const TARGET_REF = object(
  {
    group: text({
      max: 253,
      pattern: /^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    }),
    kind: text({ min: 1, max: 63, pattern: /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/ }),
    name: text({ min: 1, max: 253 }),
    namespace: text({
      rules: [
        {
          message: 'cross namespace referencing is not currently supported',
          holds: (namespace) => namespace === '',
        },
      ],
    }),
  },
  { required: ['kind', 'name'] },
);

export const TARGET_REFS = list(TARGET_REF, { max: 16 });

/** The fields by which security policies choose their workloads, and the rule over them. */
export const POLICY_TARGETS = {
  selector: SELECTOR,
  targetRef: TARGET_REF,
  targetRefs: TARGET_REFS,
};
export const ONE_POLICY_TARGET = atMostOne(
  'only one of targetRefs or selector can be set',
  ...Object.keys(POLICY_TARGETS),
);

const TARGET_KINDS: Readonly<Record<string, string>> = {
  Service: 'core',
  ServiceEntry: 'networking.istio.io',
  Gateway: 'gateway.networking.k8s.io',
  GatewayClass: 'gateway.networking.k8s.io',
};

/** Selector and targetRefs of AuthorizationPolicy and RequestAuthentication. */
export function checkPolicyTargets(spec: Field): void {
  const targets = [spec.at('selector'), spec.at('targetRef')].filter((field) => field.isSet);
  const targetRefs = spec.at('targetRefs').items;
  if (targets.length + Math.min(targetRefs.length, 1) > 1) {
    spec.refuse('only one of selector, targetRef and targetRefs', Object.keys(asRecord(spec)));
  }
  checkSelector(spec.at('selector'), 'matchLabels');
  for (const ref of [spec.at('targetRef'), ...targetRefs]) checkTargetRef(ref);
}

/** A selector, whose labels stand under `matchLabels` or `labels`. */
export function checkSelector(selector: Field, name: 'matchLabels' | 'labels'): void {
  if (!selector.isSet) return;
  const labels = selector.at(name);
  for (const [key, value] of labels.entries) {
    if (key === '') value.refuse('a label key that is not empty', key);
    if (key.includes('*')) value.refuse('a label key without wildcard', key);
    if (value.text.includes('*')) value.refuse('a label value without wildcard');
  }
  if (labels.entries.length === 0) {
    selector.warn('labels: an empty selector selects every workload of the namespace');
  }
}

/**
 * exportTo: `.`, `*` or namespaces, without duplicates.
 *
 * @param options.hideable `~` (nobody) is allowed, as for ServiceEntries
 */
export function checkExportTo(
  exportTo: Field,
  namespace: string,
  options: { readonly hideable?: boolean } = {},
): void {
  const seen = new Set<string>();
  for (const item of exportTo.items) {
    const target = item.text === '.' ? namespace : item.text;
    if (seen.has(target)) item.refuse('no duplicates (. is the own namespace)');
    else if (!isExportTarget(target, options.hideable === true)) {
      item.refuse(`".", "*"${options.hideable ? ', "~"' : ''} or a namespace`);
    } else seen.add(target);
  }
  const alone = ['*', '~'].some((all) => seen.has(all));
  if (alone && exportTo.items.length > 1) exportTo.refuse('"*" or "~" as the only entry');
}

function isExportTarget(target: string, hideable: boolean): boolean {
  return target === '*' || (target === '~' && hideable) || isDnsLabel(target);
}

function checkTargetRef(ref: Field): void {
  if (!ref.isSet) return;
  if (ref.at('name').text === '') ref.at('name').refuse('the name of the target');
  if (ref.at('namespace').text !== '') {
    ref.at('namespace').refuse('nothing: a target in another namespace is not supported');
  }
  const kind = ref.at('kind').text;
  const group = ref.at('group').text || 'core';
  if (!Object.hasOwn(TARGET_KINDS, kind) || TARGET_KINDS[kind] !== group) {
    ref.refuse('Service, ServiceEntry, Gateway or GatewayClass with its group', `${group}/${kind}`);
  }
}

function asRecord(field: Field): Readonly<Record<string, unknown>> {
  return isRecord(field.value) ? field.value : {};
}
