/** All rules, by code. A new rule is its file, its test and one line here. */
import { webhookUnreachable } from './webhook-unreachable';
import { dnsEgressMissing } from './dns-egress-missing';
import { metadataReachable } from './metadata-reachable';
import { egressToEverywhere } from './egress-to-everywhere';
import type { Rule } from './rule';

export const RULES: readonly Rule[] = [
  webhookUnreachable,
  dnsEgressMissing,
  metadataReachable,
  egressToEverywhere,
];

export type { Found, Rule, RuleExample } from './rule';
