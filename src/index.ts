/**
 * The public API: one declared connection, with its reason, compiled to plain YAML.
 *
 * Exports only. Values first, then what is declared, the cluster, the constructs and the catalogue; last
 * the plug-in that cdk8s-cli loads from here.
 */
import './proof/register';

export { Http, type HttpOptions, type JwtRequirement } from './values/http';
export { Identity } from './values/identity';
export type { IPeer } from './values/peer';
export {
  Port,
  PortPurpose,
  Protocol,
  type NamedPortOptions,
  type PortOptions,
} from './values/port';
export { isNetpolError } from './values/problem';
export { LabelSelector, type LabelSelectorOptions } from './values/selector';

export { Environment, type EnvironmentOptions } from './traffic/environment';
export { Peer, type CidrOptions, type PodsOptions } from './traffic/peer';

export { Cni, type CniOptions } from './cluster/cni';
export {
  ClusterDns,
  type CoreDnsChartOptions,
  type DnsPodsOptions,
  type NodeLocalDnsOptions,
} from './cluster/dns';
export { Mesh, type MeshOptions } from './cluster/mesh';
export { PodGroup, type PodGroupOverrides, type PodGroupProps } from './cluster/pod-group';
export { ClusterProfile } from './cluster/profile';
export type {
  ApiServerOptions,
  ClusterProfileOptions,
  WebhookCallerOptions,
} from './cluster/profile-options';

export { Acknowledge, type AcknowledgeOptions } from './constructs/acknowledge';
export {
  Component,
  type ComponentWorkload,
  type ComponentWorkloadProps,
  type IComponentHost,
} from './constructs/component';
export { type RequestProps } from './constructs/about-requests';
export {
  type ConnectionPoolOptions,
  type OutlierDetectionOptions,
} from './constructs/circuit-breaking';
export {
  CustomAuthorization,
  type CustomAuthorizationProps,
} from './constructs/custom-authorization';
export { DefaultDeny, IsolationDirections, type DefaultDenyProps } from './constructs/default-deny';
export { DnsEgress, type DnsEgressProps } from './constructs/dns-egress';
export { Endpoint } from './constructs/endpoint';
export { ExternalEgress, type ExternalEgressProps } from './constructs/external-egress';
export type { FlowOptions } from './constructs/flow-options';
export { Isolation } from './constructs/isolation';
export { IstioMtls, type IstioMtlsProps } from './constructs/istio-mtls';
export { JwtAuthentication, type JwtAuthenticationProps } from './constructs/jwt-authentication';
export { L7AccessRule, type L7AccessRuleProps } from './constructs/l7-access-rule';
export { MeshMembership } from './values/mesh-membership';
export { MlModule, type MlModuleOptions } from './constructs/ml-module';
export {
  MlNamespace,
  type ExistingNamespaceProps,
  type IMlNamespace,
  type MlNamespaceProps,
  type NamespacePeerOptions,
} from './constructs/ml-namespace';
export { MlPlatform, type MlPlatformProps } from './constructs/ml-platform';
export { ModuleEgress, type ModuleEgressProps } from './constructs/module-egress';
export { ModuleIngress, type ModuleIngressProps } from './constructs/module-ingress';
export { PlatformBaseline, type PlatformBaselineProps } from './constructs/platform-baseline';
export { PodSecurity } from './constructs/pod-security';
export { RateLimit, RateLimitUnit, type RateLimitProps } from './constructs/rate-limit';
export { RetryCondition, type RetryOptions } from './constructs/retries';
export { TrafficModel } from './constructs/traffic-model';
export {
  TrafficRoute,
  type MirrorOptions,
  type TrafficRouteProps,
} from './constructs/traffic-route';
export { TrafficSplit, type RollOutOptions } from './constructs/traffic-split';
export {
  UserKey,
  UserRateLimit,
  WhenUnavailable,
  type UserRateLimitProps,
} from './constructs/user-rate-limit';
export {
  Workload,
  type WorkloadFromObjectOptions,
  type WorkloadProps,
  type WorkloadService,
  type WorkloadServicePort,
} from './constructs/workload';

export { ModelRegistry, type ModelRegistryOptions } from './catalog/model-registry';
export { TrainingJob, type TrainingJobOptions } from './catalog/training-job';

export { Proof } from './proof/proof-of-tree';
export { PolicyValidation } from './validation';
