/**
 * EnvoyFilter: does each patch say what it applies to, and how? (6.12)
 *
 * The structure only. Whether `patch.value` is a message of Envoy cannot be known without Envoy's
 * type definitions, except that the v2 API is gone. Istio's general warning, that every EnvoyFilter
 * depends on internals, is not repeated.
 * Source: istio/istio:pkg/config/validation/envoyfilter/envoyfilter.go
 */
import { TARGET_REFS, WORKLOAD_SELECTOR, checkSelector } from './attachment';
import { DEPRECATED_FILTERS, HTTP_CONNECTION_MANAGERS } from './envoy-filter-names';
import { type Field, isRecord } from './field';
import { type IstioKind, NETWORKING } from './kind';
import { MAX_REGEX_LENGTH, isRe2 } from './re2';
import { INT32, PORT, TEXT, TEXT_MAP, UINT32, atMostOne, choice, list, object } from './shape';

const NAMED = object({ name: TEXT });
const FILTER = object({ name: TEXT, subFilter: NAMED });

const LISTENER_MATCH = object({
  filterChain: object({
    applicationProtocols: TEXT,
    destinationPort: UINT32,
    filter: FILTER,
    name: TEXT,
    sni: TEXT,
    transportProtocol: TEXT,
  }),
  listenerFilter: TEXT,
  name: TEXT,
  portName: TEXT,
  portNumber: UINT32,
});

const ROUTE_MATCH = object({
  gateway: TEXT,
  name: TEXT,
  portName: TEXT,
  portNumber: UINT32,
  vhost: object({
    domainName: TEXT,
    name: TEXT,
    route: object({ action: choice('ANY', 'ROUTE', 'REDIRECT', 'DIRECT_RESPONSE'), name: TEXT }),
  }),
});

const MATCH = object(
  {
    cluster: object({ name: TEXT, portNumber: UINT32, service: TEXT, subset: TEXT }),
    context: choice('ANY', 'SIDECAR_INBOUND', 'SIDECAR_OUTBOUND', 'GATEWAY', 'WAYPOINT'),
    listener: LISTENER_MATCH,
    proxy: object({ metadata: TEXT_MAP, proxyVersion: TEXT }),
    routeConfiguration: ROUTE_MATCH,
    waypoint: object({ filter: FILTER, portNumber: PORT, route: NAMED }),
  },
  {
    exclusive: [['listener', 'routeConfiguration', 'cluster', 'waypoint']],
    rules: [
      {
        message: 'only support waypointMatch when context is WAYPOINT',
        holds: (match) => (match.context === 'WAYPOINT') === (match.waypoint !== undefined),
      },
    ],
  },
);

const PATCH = object({
  filterClass: choice('UNSPECIFIED', 'AUTHN', 'AUTHZ', 'STATS'),
  operation: choice(
    'INVALID',
    'MERGE',
    'ADD',
    'REMOVE',
    'INSERT_BEFORE',
    'INSERT_AFTER',
    'INSERT_FIRST',
    'REPLACE',
  ),
  value: object({}, { open: true }),
});

/** What each applyTo is matched by; the others (BOOTSTRAP, EXTENSION_CONFIG, …) by anything. */
const MATCHED_BY: Readonly<Record<string, string>> = {
  LISTENER: 'listener',
  FILTER_CHAIN: 'listener',
  NETWORK_FILTER: 'listener',
  HTTP_FILTER: 'listener',
  ROUTE_CONFIGURATION: 'routeConfiguration',
  VIRTUAL_HOST: 'routeConfiguration',
  HTTP_ROUTE: 'routeConfiguration',
  CLUSTER: 'cluster',
};

export const ENVOY_FILTER: IstioKind = {
  group: NETWORKING.group,
  versions: ['v1alpha3'],
  kind: 'EnvoyFilter',
  shape: object(
    {
      configPatches: list(
        object({
          applyTo: choice(
            'INVALID',
            ...Object.keys(MATCHED_BY),
            'EXTENSION_CONFIG',
            'BOOTSTRAP',
            'LISTENER_FILTER',
          ),
          match: MATCH,
          patch: PATCH,
        }),
      ),
      priority: INT32,
      targetRefs: TARGET_REFS,
      workloadSelector: WORKLOAD_SELECTOR,
    },
    {
      rules: [
        atMostOne(
          'only one of targetRefs or workloadSelector can be set',
          'workloadSelector',
          'targetRefs',
        ),
      ],
    },
  ),
  check: checkEnvoyFilter,
};

function checkEnvoyFilter(spec: Field): void {
  checkSelector(spec.at('workloadSelector'), 'labels');
  for (const patch of spec.at('configPatches').items) {
    if (!patch.isSet) patch.refuse('a patch');
    // istiod does not look into patches for waypoints
    else if (patch.at('match').at('context').text !== 'WAYPOINT') checkConfigPatch(patch);
  }
}

function checkConfigPatch(config: Field): void {
  const [applyTo, patch, match] = [config.at('applyTo'), config.at('patch'), config.at('match')];
  if (isUnsaid(applyTo)) applyTo.refuse('what the patch applies to');
  if (isUnsaid(patch.at('operation'))) patch.at('operation').refuse('an operation');
  if (patch.at('operation').text !== 'REMOVE' && !patch.at('value').isSet) {
    patch.at('value').refuse('a value for every operation but REMOVE');
  }
  checkProxyVersion(match.at('proxy').at('proxyVersion'));
  checkMatch(match, applyTo.text);
  for (const type of typesIn(patch.at('value').value)) {
    if (type.includes('.v2.')) patch.at('value').refuse('types of the v3 API of Envoy', type);
  }
}

function checkProxyVersion(version: Field): void {
  if (Buffer.byteLength(version.text) > MAX_REGEX_LENGTH) {
    version.warn(`at most ${String(MAX_REGEX_LENGTH)} bytes: a longer match is ignored`);
  } else if (!isRe2(version.text)) version.refuse('a regular expression in RE2 syntax');
}

function checkMatch(match: Field, applyTo: string): void {
  const name = Object.hasOwn(MATCHED_BY, applyTo) ? MATCHED_BY[applyTo] : undefined;
  const [given] = match.present(['listener', 'routeConfiguration', 'cluster', 'waypoint']);
  if (name === undefined || given === undefined) return;
  if (!match.at(name).isSet) given.refuse(`a match by ${name} for ${applyTo}`);
  if (name === 'listener') checkFilterMatch(match.at(name).at('filterChain').at('filter'), applyTo);
}

function checkFilterMatch(filter: Field, applyTo: string): void {
  if (!filter.isSet) return;
  if (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN') {
    filter.warn(`no filter match: it has no effect on ${applyTo}`);
  }
  const [name, subFilter] = [filter.at('name'), filter.at('subFilter')];
  if (name.text === '') name.refuse('the name of a filter');
  if (subFilter.isSet && name.text !== '') {
    if (applyTo !== 'HTTP_FILTER') subFilter.refuse('a subFilter only for HTTP_FILTER');
    if (!HTTP_CONNECTION_MANAGERS.includes(name.text)) {
      name.refuse(`${HTTP_CONNECTION_MANAGERS.join(' or ')} beside a subFilter`);
    }
    if (subFilter.at('name').text === '') subFilter.at('name').refuse('the name of a filter');
  }
  for (const field of [name, subFilter.at('name')]) {
    if (DEPRECATED_FILTERS.includes(field.text)) field.warn('the present name: envoy.filters.…');
  }
}

function isUnsaid(field: Field): boolean {
  return field.text === '' || field.text === 'INVALID';
}

/** Every `@type` inside a value. */
function typesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(typesIn);
  if (!isRecord(value)) return [];
  const own = typeof value['@type'] === 'string' ? [value['@type']] : [];
  return [...own, ...Object.values(value).flatMap(typesIn)];
}
