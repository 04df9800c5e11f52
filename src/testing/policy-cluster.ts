/**
 * The cluster that a test asks about, from a folder, from YAML or from the objects of a synthesized
 * chart. What cannot be read is refused at once: a test must not pass on half of the policies.
 */
import { shownWorkloads } from '../engine/reach-result';
import type { ResultWorkload } from '../engine/result';
import { World } from '../engine/world';
import { clusterOf } from '../read/cluster-of';
import { readPaths } from '../read/files';
import { readObjects } from '../read/objects';
import { readText } from '../read/read-text';
import type { ReadProblem } from '../read/resource';
import type { ReadResult } from '../read/result';
import { combine } from '../read/result';
import { refuse } from '../values/problem';

export interface PolicyClusterOptions {
  /**
   * Lines of the traffic model, as `TrafficModel.of(chart).lines` has them: workloads that only the
   * model tells of, and the facts of the cluster profile.
   *
   * @default - what is read, and nothing is known of the cluster
   */
  readonly model?: readonly string[];
  /**
   * Goes on with what could be read.
   *
   * @default false
   */
  readonly allowProblems?: boolean;
}

export class PolicyCluster {
  /** Everything that files, folders and globs say; a traffic model among them counts too. */
  static fromFolder(paths: string | readonly string[], options?: PolicyClusterOptions) {
    return clusterFrom(readPaths(typeof paths === 'string' ? [paths] : paths), options);
  }

  /** Documents of YAML or JSON. */
  static fromYaml(text: string, options?: PolicyClusterOptions) {
    return clusterFrom(readText('yaml', text), options);
  }

  /** Plain objects: what `Testing.synth(chart)` returns. */
  static fromObjects(objects: readonly unknown[], options?: PolicyClusterOptions) {
    return clusterFrom(readObjects(objects), options);
  }

  /** What an app of cdk8s writes. */
  static fromApp(app: { synthYaml(): string }, options?: PolicyClusterOptions) {
    return PolicyCluster.fromYaml(app.synthYaml(), options);
  }

  /** Workloads that were read, sorted by id. */
  readonly workloads: readonly ResultWorkload[];
  /** What the matchers ask. */
  readonly world: World;

  /** @internal */
  constructor(readonly input: ReadResult) {
    this.world = new World(clusterOf(input));
    this.workloads = shownWorkloads(this.world);
  }
}

function clusterFrom(read: ReadResult, options: PolicyClusterOptions = {}): PolicyCluster {
  const { model, allowProblems = false } = options;
  const text = model?.map((line) => `${line}\n`).join('');
  const input = text === undefined ? read : combine([read, readText('traffic-model.jsonl', text)]);
  if (!allowProblems && input.problems.length > 0) refuseProblems(input.problems);
  if (input.resources.length === 0 && input.models.length === 0) {
    refuse({
      code: 'empty-cluster',
      where: 'PolicyCluster',
      got: 'no object',
      expected: 'Kubernetes objects: without any, every question would be answered by nothing',
      fix: 'synthesize first, or name the folder that the YAML is written to',
    });
  }
  return new PolicyCluster(input);
}

function refuseProblems(problems: readonly ReadProblem[]): never {
  const lines = problems.map(({ at, got, expected, fix }) => {
    return `${at.file}:${at.line}:${at.column}: got ${got}, expected ${expected}; fix: ${fix}`;
  });
  return refuse({
    code: 'cluster-unreadable',
    where: 'PolicyCluster',
    got: lines.join('\n'),
    expected: 'input that can be read as a whole',
    fix: 'mend it, or { allowProblems: true } to ask about the rest',
  });
}
