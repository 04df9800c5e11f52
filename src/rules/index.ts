/** All rules, by code. A new rule is its file, its test and one line here. */
import { allowCutsOff } from './allow-cuts-off';
import { ambientPortScopeLost } from './ambient-port-scope-lost';
import { apiserverEgressMissing } from './apiserver-egress-missing';
import { apiserverEgressWrongForm } from './apiserver-egress-wrong-form';
import { cniNotEnforcing } from './cni-not-enforcing';
import { dnsEgressMissing } from './dns-egress-missing';
import { fqdnNotEnforced } from './fqdn-not-enforced';
import { hboneBlocked } from './hbone-blocked';
import { hostNetworkSelected } from './host-network-selected';
import { httpFieldOnTcpPort } from './http-field-on-tcp-port';
import { istiodBlocked } from './istiod-blocked';
import { jobPeersIncomplete } from './job-peers-incomplete';
import { jobWithSidecar } from './job-with-sidecar';
import { jwtRuleWithoutAuthentication } from './jwt-rule-without-authentication';
import { knativeAuthzIncomplete } from './knative-authz-incomplete';
import { serviceEntryRefused } from './service-entry-refused';
import { sidecarHostsMissFlow } from './sidecar-hosts-miss-flow';
import { strictBlocksOutOfMesh } from './strict-blocks-out-of-mesh';
import { unknownIstioKey } from './unknown-istio-key';
import type { Rule } from './rule';

export const RULES: readonly Rule[] = [
  dnsEgressMissing,
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
