/**
 * DestinationRule: host, subsets and traffic policies (6.7).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateDestinationRule
 */
import { SELECTOR, checkExportTo, checkSelector } from './attachment';
import { checkSubsetName } from './destinations';
import type { Field } from './field';
import { type IstioKind, type Metadata, NETWORKING } from './kind';
import { checkLabels, isWildcardDomain } from './names';
import { TEXT, TEXTS, TEXT_MAP, list, object } from './shape';
import { TRAFFIC_POLICY, checkTrafficPolicy } from './traffic-policy';

export const DESTINATION_RULE: IstioKind = {
  ...NETWORKING,
  kind: 'DestinationRule',
  shape: object(
    {
      exportTo: TEXTS,
      host: TEXT,
      subsets: list(
        object(
          { labels: TEXT_MAP, name: TEXT, trafficPolicy: TRAFFIC_POLICY },
          { required: ['name'] },
        ),
      ),
      trafficPolicy: TRAFFIC_POLICY,
      workloadSelector: SELECTOR,
    },
    { required: ['host'] },
  ),
  check: checkDestinationRule,
};

function checkDestinationRule(spec: Field, { namespace }: Metadata): void {
  if (!isWildcardDomain(spec.at('host').text)) {
    spec.at('host').refuse('a host name; a wildcard only as its first label');
  }
  checkTrafficPolicy(spec.at('trafficPolicy'), namespace);
  checkSubsets(spec.at('subsets'), namespace);
  checkExportTo(spec.at('exportTo'), namespace);
  checkSelectorScope(spec, namespace);
  checkSelector(spec.at('workloadSelector'), 'matchLabels');
}

function checkSubsets(subsets: Field, namespace: string): void {
  const seen = new Set<string>();
  for (const subset of subsets.items) {
    const name = subset.at('name');
    if (seen.has(name.text)) name.refuse('a name that no subset before it has');
    seen.add(name.text);
    checkSubsetName(name);
    checkLabels(subset.at('labels'));
    checkTrafficPolicy(subset.at('trafficPolicy'), namespace);
  }
}

/** A rule for some clients' workloads is theirs alone. */
function checkSelectorScope(spec: Field, namespace: string): void {
  const exportTo = spec.at('exportTo');
  const isOwn = exportTo.items.every(({ text }) => text === '.' || text === namespace);
  if (spec.at('workloadSelector').isSet && !isOwn) {
    exportTo.refuse('the own namespace only, beside a workloadSelector');
  }
}
