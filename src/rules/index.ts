/** All rules, by code. A new rule is its file, its test and one line here. */
import { namespaceLabelNotSet } from './namespace-label-not-set';
import { noDefaultDeny } from './no-default-deny';
import { webhookUnreachable } from './webhook-unreachable';
import { dnsEgressMissing } from './dns-egress-missing';
import { dnsUdpOnly } from './dns-udp-only';
import { dnsWrongPort } from './dns-wrong-port';
import { metadataReachable } from './metadata-reachable';
import { egressToEverywhere } from './egress-to-everywhere';
import { servicePortNotPodPort } from './service-port-not-pod-port';
import { danglingSelector } from './dangling-selector';
import { danglingPeer } from './dangling-peer';
import { orInsteadOfAnd } from './or-instead-of-and';
import { policyTypesMissing } from './policy-types-missing';
import { ineffectiveIsolation } from './ineffective-isolation';
import { policyWithoutEffect } from './policy-without-effect';
import { policiesWidenEachOther } from './policies-widen-each-other';
import { exposedServiceBlocked } from './exposed-service-blocked';
import { scrapeTargetUnreachable } from './scrape-target-unreachable';
import type { Rule } from './rule';

export const RULES: readonly Rule[] = [
  namespaceLabelNotSet,
  noDefaultDeny,
  webhookUnreachable,
  dnsEgressMissing,
  dnsUdpOnly,
  dnsWrongPort,
  metadataReachable,
  egressToEverywhere,
  servicePortNotPodPort,
  danglingSelector,
  danglingPeer,
  orInsteadOfAnd,
  policyTypesMissing,
  ineffectiveIsolation,
  policyWithoutEffect,
  policiesWidenEachOther,
  exposedServiceBlocked,
  scrapeTargetUnreachable,
];

export type { Found, Rule, RuleExample } from './rule';
