/**
 * The reading side for programs, `cdk8s-ml-netpol/analysis`: text or objects -> a cluster -> who can
 * reach whom, and findings. Plain TypeScript, and it loads nothing that writes: no cdk8s.
 *
 * Exports only.
 */
export type { Cluster, ClusterFacts, NetworkPolicyFacts, WorkloadFacts } from './read/cluster';
export { clusterOf } from './read/cluster-of';
export { readPaths, type ReadIo } from './read/files';
export { clusterOfObjects, readObjects } from './read/objects';
export { readText } from './read/read-text';
export type { NotAnalyzed, Position, ReadProblem, Resource } from './read/resource';
export { combine, type ReadResult } from './read/result';

export {
  connectionsOf,
  shownWorkloads,
  type EndFilter,
  type ReachFilter,
} from './engine/reach-result';
export type {
  AllowedPorts,
  Evidence,
  Finding,
  HttpAnswer,
  HttpCondition,
  LintResult,
  Place,
  PortSpan,
  ReachResult,
  ResultBase,
  ResultConnection,
  ResultNotAnalyzed,
  ResultProblem,
  ResultWorkload,
  RuleMetadata,
  Severity,
  UnknownPorts,
} from './engine/result';
export { resultBase } from './engine/result-base';
export type { StrangerOptions } from './engine/strangers';
export { World } from './engine/world';

export { RULES, type Rule } from './rules';
export { lint, type LintOptions } from './rules/lint';
