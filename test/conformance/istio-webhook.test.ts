/**
 * Does the checker of written Istio objects give istiod's verdict? The 692 cases of Istio's own
 * validation tests, 36 tables: valid or not, and with or without a warning.
 *
 * Source: istio/istio:pkg/config/validation, as data in ../shared/oracles/istio-webhook. Only the
 * webhook's layer is compared: the tables pass messages, not manifests, and never meet the CRD.
 */

import { readFileSync, readdirSync } from 'node:fs';
import { checkIstioObject } from '../../src/values/istio';
import { checkConnectionPool, checkOutlierDetection } from '../../src/values/istio/connection-pool';
import { checkDestination, checkRouteDestinations } from '../../src/values/istio/destinations';
import { Field, type IstioProblem } from '../../src/values/istio/field';
import { checkServer, checkServerPort } from '../../src/values/istio/gateway';
import {
  checkDirectResponse,
  checkRedirect,
  checkRewrite,
} from '../../src/values/istio/http-actions';
import {
  checkAbort,
  checkCorsPolicy,
  checkDelay,
  checkRetries,
} from '../../src/values/istio/http-resilience';
import { checkHttpRoute } from '../../src/values/istio/http-route';
import { checkLoadBalancer, checkLocality } from '../../src/values/istio/load-balancer';
import { isFqdn, isWildcardDomain } from '../../src/values/istio/names';
import { checkServerTls } from '../../src/values/istio/server-tls';
import { checkClientTls, checkTrafficPolicy } from '../../src/values/istio/traffic-policy';
import { describeShared, sharedPath } from '../shared';

interface Case {
  readonly name: string;
  readonly _line: number;
  readonly _valid: boolean;
  readonly _warn: boolean;
  readonly in?: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly [column: string]: unknown;
}

interface Table {
  readonly kind: string;
  readonly cases: readonly Case[];
}

/** The namespace and name of Istio's own tests; one Sidecar warning depends on it. */
const NAMESPACE = 'bar';
const NAME = 'foo';

const VERSIONS: Readonly<Record<string, string>> = {
  AuthorizationPolicy: 'security.istio.io/v1',
  PeerAuthentication: 'security.istio.io/v1',
  RequestAuthentication: 'security.istio.io/v1',
  EnvoyFilter: 'networking.istio.io/v1alpha3',
};

type Check = (field: Field, column: (name: string) => Field) => void;

const refuseUnless =
  (holds: (text: string) => boolean): Check =>
  (field) => {
    if (!holds(field.text)) field.refuse('a name');
  };

/** Tables of parts of resources: the column that holds the part, and who checks it. */
const FRAGMENTS: Readonly<Record<string, { readonly column?: string; readonly check: Check }>> = {
  '~Abort': { check: checkAbort },
  '~ClientTLSSettings': { column: 'tls', check: (tls) => checkClientTls(tls, NAMESPACE) },
  '~ConnectionPoolSettings': { check: checkConnectionPool },
  '~CorsPolicy': { check: checkCorsPolicy },
  '~Delay': { check: checkDelay },
  '~Destination': { column: 'destination', check: checkDestination },
  '~FQDN': { column: 'fqdn', check: refuseUnless(isFqdn) },
  '~HTTPDirectResponse': { column: 'directResponse', check: checkDirectResponse },
  '~HTTPRedirect': {
    column: 'redirect',
    check: (redirect, column) => checkRedirect(redirect, column('matches')),
  },
  '~HTTPRetry': { check: checkRetries },
  '~HTTPRewrite': { check: checkRewrite },
  '~HTTPRoute': {
    column: 'route',
    check: (route) => checkHttpRoute(route, { isDelegate: false }),
  },
  '~HTTPRoute(delegate)': {
    column: 'route',
    check: (route) => checkHttpRoute(route, { isDelegate: true }),
  },
  '~HTTPRoute(root)': {
    column: 'route',
    check: (route) => checkHttpRoute(route, { isDelegate: false }),
  },
  '~HTTPRouteDestination[]': { column: 'routes', check: checkRouteDestinations },
  '~LoadBalancerSettings': {
    check: (settings, column) => checkLoadBalancer(settings, column('outlier')),
  },
  '~LocalityLbSetting': { check: (setting, column) => checkLocality(setting, column('outlier')) },
  '~OutlierDetection': { check: checkOutlierDetection },
  '~Port': { check: (port, column) => checkServerPort(port, column('bind').text) },
  '~Server': { check: checkServer },
  '~ServerTLSSettings': { check: checkServerTls },
  '~TrafficPolicy': { check: (policy) => checkTrafficPolicy(policy, NAMESPACE) },
  '~WildcardDomain': { check: refuseUnless(isWildcardDomain) },
};

/** Why a case is not compared: whole tables, or single cases by their line in the Go source. */
const SKIPPED: Readonly<Record<string, readonly string[]>> = {
  'kind neither written nor read by this library': ['ProxyConfig', 'Telemetry', 'WorkloadGroup'],
  'the Go test passes a message of another type': ['Gateway:85'],
  "needs Envoy's type definitions": ['EnvoyFilter:283'],
};

/** Tables without a column for warnings, whose objects are warned about all the same. */
const WARNINGS_NOT_TESTED = ['~LoadBalancerSettings'];

interface Outcome {
  readonly reason?: string;
  readonly disagreement?: string;
}

describeShared('Istio objects as the tests of istiod judge them', () => {
  const folder = sharedPath('oracles', 'istio-webhook');
  const tables = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, ...(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Table) }));
  const outcomes = tables.flatMap(({ kind, cases }) => cases.map((entry) => compare(kind, entry)));

  test.each(tables)('$file', ({ kind, cases }) => {
    const disagreements = cases.map((entry) => compare(kind, entry).disagreement);
    expect(disagreements.filter((text) => text !== undefined)).toEqual([]);
  });

  test('agrees in 661 of 692 cases and skips 31 by name', () => {
    const reasons = outcomes.flatMap(({ reason }) => reason ?? []);
    const counts = {
      agreed: outcomes.filter((outcome) => Object.keys(outcome).length === 0).length,
      disagreed: outcomes.filter(({ disagreement }) => disagreement !== undefined).length,
      skipped: Object.fromEntries(
        Object.keys(SKIPPED).map((name) => [
          name,
          reasons.filter((other) => other === name).length,
        ]),
      ),
    };
    process.stdout.write(`istio-webhook: ${JSON.stringify(counts)}\n`);
    expect(counts).toEqual({
      agreed: 661,
      disagreed: 0,
      skipped: {
        'kind neither written nor read by this library': 29,
        'the Go test passes a message of another type': 1,
        "needs Envoy's type definitions": 1,
      },
    });
  });
});

function compare(kind: string, entry: Case): Outcome {
  const reason = Object.keys(SKIPPED).find((name) =>
    SKIPPED[name]?.some((id) => id === kind || id === `${kind}:${entry._line}`),
  );
  if (reason !== undefined) return { reason };

  const problems = problemsOf(kind, entry);
  const valid = problems.every(({ severity }) => severity === 'warning');
  const warned = problems.some(({ severity }) => severity === 'warning');
  // Istio's tests look at the warnings of accepted objects only
  const warningsCount = entry._valid && !WARNINGS_NOT_TESTED.includes(kind);
  if (valid === entry._valid && (!warningsCount || warned === entry._warn)) return {};
  return { disagreement: `${entry._line} ${entry.name}: ${JSON.stringify(problems)}` };
}

function problemsOf(kind: string, entry: Case): readonly IstioProblem[] {
  const fragment = FRAGMENTS[kind];
  if (fragment === undefined) {
    return checkIstioObject(manifest(kind, entry)).filter(({ layer }) => layer === 'webhook');
  }
  const problems: IstioProblem[] = [];
  const column = (name: string): Field => new Field(entry[name], name, 'webhook', problems);
  fragment.check(column(fragment.column ?? 'in'), column);
  return problems;
}

function manifest(kind: string, { annotations, labels, in: spec, configName }: Case): unknown {
  return {
    apiVersion: VERSIONS[kind] ?? 'networking.istio.io/v1',
    kind,
    metadata: { name: configName ?? NAME, namespace: NAMESPACE, annotations, labels },
    spec,
  };
}
