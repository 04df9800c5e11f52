/**
 * What the engine answers, as plain data: the contract of `-o json`, that reports render and other
 * tools read (docs/result.schema.json). Everything is sorted; absent means none.
 */

/** First and last port, both inclusive. */
export type PortSpan = readonly [low: number, high: number];

/** One line of a text: where a statement of the answer comes from. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly constructPath?: string;
}

export interface ResultWorkload {
  /** `namespace/Kind/name` */
  readonly id: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** Directions in which all its pods are isolated. */
  readonly isolated: readonly ('ingress' | 'egress')[];
}

/** Requests of one kind; a list that is absent or empty means every one. */
export interface HttpAnswer {
  readonly methods: readonly string[];
  readonly notMethods?: readonly string[];
  readonly paths: readonly string[];
  readonly notPaths: readonly string[];
  readonly hosts: readonly string[];
  readonly notHosts?: readonly string[];
  /** Conditions that a request can meet: a claim, a header, an external authorizer. */
  readonly when: readonly HttpCondition[];
}

export interface HttpCondition {
  readonly key: string;
  readonly values?: readonly string[];
  readonly notValues?: readonly string[];
}

export interface AllowedPorts {
  readonly ports: readonly PortSpan[];
  /** Absent: every request. */
  readonly http?: readonly HttpAnswer[];
}

export interface UnknownPorts {
  readonly ports: readonly PortSpan[];
  /** The fact that no manifest shows. */
  readonly fact: string;
}

/** What one end may send to another one by one protocol. */
export interface ResultConnection {
  /** A workload's id, or a block of addresses. */
  readonly from: string;
  readonly to: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly allow: readonly AllowedPorts[];
  readonly unknown: readonly UnknownPorts[];
}

export interface ResultNotAnalyzed extends Place {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly why: string;
}

/** Something that could not be read. */
export interface ResultProblem extends Place {
  readonly code: string;
  readonly got: string;
  readonly expected: string;
  readonly fix: string;
}

/** What every answer says besides. */
export interface ResultBase {
  readonly version: 1;
  readonly notAnalyzed: readonly ResultNotAnalyzed[];
  readonly problems: readonly ResultProblem[];
  readonly counts: {
    readonly workloads: number;
    readonly policies: number;
    readonly namespaces: number;
  };
}

export interface ReachResult extends ResultBase {
  readonly query: 'reach';
  readonly workloads: readonly ResultWorkload[];
  readonly connections: readonly ResultConnection[];
  /** Workloads that were asked about; an absent list: all of them. */
  readonly asked?: { readonly from?: readonly string[]; readonly to?: readonly string[] };
}

/** The same without holding all connections at once; they can be listed more than once. */
export interface ReachStream extends Omit<ReachResult, 'connections'> {
  readonly connections: Iterable<ResultConnection>;
}

export type VerdictWord = 'ALLOWED' | 'DENIED' | 'UNKNOWN';

/** What one layer says, and by which objects. */
export interface LayerAnswer {
  readonly layer: 'egress' | 'ingress' | 'mtls' | 'authorization' | 'route';
  readonly verdict: VerdictWord | 'NOT ISOLATED' | 'NOT REACHED' | 'NOT IN MESH';
  /** Readable: `isolated by default-deny`, `STRICT, caller in the mesh`. */
  readonly says: string;
  readonly by: readonly Evidence[];
  /** The rule that comes nearest to allowing it, where it is denied. */
  readonly nearest?: Evidence;
  readonly facts: readonly string[];
}

/** A way from outside to pods that an object declares: whether it is open from end to end. */
export interface RouteAnswer {
  /** The Service, Ingress, route or VirtualService, and the field that says it. */
  readonly entry: Evidence;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** That clients connect to; absent: nobody says. */
  readonly port?: number;
  /** Requests that it takes, and of an open way those that pass; absent: every one. */
  readonly http?: readonly HttpAnswer[];
  /** Workloads that serve it, or the name of somebody who was not read; empty: the pods themselves. */
  readonly through: readonly string[];
  /** `namespace/name:port`; absent: it leads to no Service that was read. */
  readonly service?: string;
  /** Pods behind, with their own port where it is known. */
  readonly to: readonly { readonly workload: string; readonly port?: number }[];
  readonly verdict: VerdictWord;
  readonly steps: readonly RouteStep[];
}

/** One step of a way: from clients to a gateway, from there to pods, or a link that does not hold. */
export interface RouteStep {
  /** `outside`, a workload, or an object. */
  readonly from: string;
  /** A workload with its port, or an object. */
  readonly to: string;
  readonly verdict: VerdictWord;
  readonly says: string;
  readonly by: readonly Evidence[];
  readonly facts: readonly string[];
}

/** An object, or one of its rules. */
export interface Evidence extends Place {
  /** `NetworkPolicy llm-serving/model-api-ingress` */
  readonly object: string;
  /** What the rule says: `ingress[0] allows TCP 8000 from ml-jobs`. */
  readonly rule?: string;
}

export interface ExplainResult extends ResultBase {
  readonly query: 'explain';
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number;
  readonly http?: HttpAnswer;
  readonly verdict: VerdictWord;
  readonly layers: readonly LayerAnswer[];
  /** Declared ways from outside that take this connection; absent: none. */
  readonly routes?: readonly RouteAnswer[];
  /** The smallest change that would allow it, where it is denied. */
  readonly fix?: string;
}

export interface DiffChange {
  readonly change: 'widened' | 'narrowed' | 'changed';
  readonly from: string;
  readonly to: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly was: {
    readonly allow: readonly AllowedPorts[];
    readonly unknown: readonly UnknownPorts[];
  };
  readonly now: {
    readonly allow: readonly AllowedPorts[];
    readonly unknown: readonly UnknownPorts[];
  };
  /** Objects that were added, removed or changed and concern the pair. */
  readonly because: readonly Evidence[];
}

export interface DiffResult extends ResultBase {
  readonly query: 'diff';
  /** Newly allowed first. */
  readonly changes: readonly DiffChange[];
  readonly workloads: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Policies whose text changed and whose effect did not. */
  readonly rewritten: readonly Evidence[];
}

/** What strangers can reach of a workload, and what strangers it can reach. */
export interface ExposedWorkload {
  readonly workload: string;
  readonly isolated: readonly ('ingress' | 'egress')[];
  readonly from: readonly Exposure[];
  readonly to: readonly Exposure[];
}

export interface Exposure {
  /** Who: an unknown pod of the namespace, of another one, a node, the internet, the metadata address. */
  readonly stranger:
    'pod of the namespace' | 'pod of another namespace' | 'internet' | 'metadata address' | 'node';
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly allow: readonly AllowedPorts[];
  readonly unknown: readonly UnknownPorts[];
}

export interface ExposureResult extends ResultBase {
  readonly query: 'exposure';
  readonly exposed: readonly ExposedWorkload[];
  /** Declared ways from outside, by file and line. */
  readonly routes: readonly RouteAnswer[];
}

export type Severity = 'error' | 'warning' | 'info';

/** What a rule reports. */
export interface Finding {
  /** `MLN203` */
  readonly code: string;
  /** `dns-egress-missing` */
  readonly name: string;
  readonly severity: Severity;
  readonly at: Place;
  /** `NetworkPolicy llm-serving/default-deny` */
  readonly object: string;
  /** One sentence in the user's terms. */
  readonly message: string;
  readonly got: string;
  readonly expected: string;
  /** TypeScript that compiles, or the exact change of the YAML. */
  readonly fix: string;
  readonly evidence: readonly Evidence[];
  /** The reason of an acknowledgement; the finding counts no more. */
  readonly acknowledged?: string;
}

/** A rule, for reports and SARIF. */
export interface RuleMetadata {
  readonly code: string;
  readonly name: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly why: string;
}

export interface LintResult extends ResultBase {
  readonly query: 'lint';
  readonly findings: readonly Finding[];
  readonly rules: readonly RuleMetadata[];
}

/** One assertion of an assertion file. */
export interface AssertionAnswer {
  readonly assertion: string;
  readonly at: Place;
  readonly reason?: string;
  readonly verdict: 'passed' | 'failed' | 'unknown';
  readonly got: string;
  readonly expected: string;
  readonly evidence: readonly Evidence[];
}

export interface TestResult extends ResultBase {
  readonly query: 'test';
  readonly assertions: readonly AssertionAnswer[];
}

/** Any answer; `query` tells which. */
export type Result =
  ReachResult | ExplainResult | DiffResult | ExposureResult | LintResult | TestResult;
