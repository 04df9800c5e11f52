/** All rules, by code. A new rule is its file, its test and one line here. */
import { allowCutsOff } from './allow-cuts-off';
import { ambientPortScopeLost } from './ambient-port-scope-lost';
import { apiserverEgressMissing } from './apiserver-egress-missing';
import { apiserverEgressWrongForm } from './apiserver-egress-wrong-form';
import { cniNotEnforcing } from './cni-not-enforcing';
import { danglingPeer } from './dangling-peer';
import { danglingSelector } from './dangling-selector';
import { dnsEgressMissing } from './dns-egress-missing';
import { dnsUdpOnly } from './dns-udp-only';
import { dnsWrongPort } from './dns-wrong-port';
import { egressToEverywhere } from './egress-to-everywhere';
import { exposedServiceBlocked } from './exposed-service-blocked';
import { fqdnNotEnforced } from './fqdn-not-enforced';
import { hboneBlocked } from './hbone-blocked';
import { hostNetworkSelected } from './host-network-selected';
import { httpFieldOnTcpPort } from './http-field-on-tcp-port';
import { ineffectiveIsolation } from './ineffective-isolation';
import { istiodBlocked } from './istiod-blocked';
import { jobPeersIncomplete } from './job-peers-incomplete';
import { jobWithSidecar } from './job-with-sidecar';
import { jwtRuleWithoutAuthentication } from './jwt-rule-without-authentication';
import { knativeAuthzIncomplete } from './knative-authz-incomplete';
import { metadataReachable } from './metadata-reachable';
import { namespaceLabelNotSet } from './namespace-label-not-set';
import { noDefaultDeny } from './no-default-deny';
import { orInsteadOfAnd } from './or-instead-of-and';
import { policiesWidenEachOther } from './policies-widen-each-other';
import { policyTypesMissing } from './policy-types-missing';
import { policyWithoutEffect } from './policy-without-effect';
import { scrapeTargetUnreachable } from './scrape-target-unreachable';
import { serviceEntryRefused } from './service-entry-refused';
import { servicePortNotPodPort } from './service-port-not-pod-port';
import { sidecarHostsMissFlow } from './sidecar-hosts-miss-flow';
import { strictBlocksOutOfMesh } from './strict-blocks-out-of-mesh';
import { unknownIstioKey } from './unknown-istio-key';
import { webhookUnreachable } from './webhook-unreachable';
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
  jobPeersIncomplete,
  apiserverEgressMissing,
  apiserverEgressWrongForm,
  hostNetworkSelected,
  cniNotEnforcing,
  fqdnNotEnforced,
  jobWithSidecar,
  strictBlocksOutOfMesh,
  hboneBlocked,
  ambientPortScopeLost,
  istiodBlocked,
  sidecarHostsMissFlow,
  serviceEntryRefused,
  jwtRuleWithoutAuthentication,
  httpFieldOnTcpPort,
  allowCutsOff,
  knativeAuthzIncomplete,
  unknownIstioKey,
];

export type { Found, Rule, RuleExample } from './rule';
