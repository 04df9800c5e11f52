/** All rules, by code. A new rule is its file, its test and one line here. */
import { dnsEgressMissing } from './dns-egress-missing';
import { webhookUnreachable } from './webhook-unreachable';
import type { Rule } from './rule';

export const RULES: readonly Rule[] = [webhookUnreachable, dnsEgressMissing];

export type { Found, Rule, RuleExample } from './rule';
