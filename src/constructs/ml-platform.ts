/**
 * An app that knows the cluster and the environment it writes for.
 */
import { App } from 'cdk8s';
import type { AppProps } from 'cdk8s';
import { ClusterProfile } from '../cluster/profile';
import { Environment } from '../traffic/environment';
import { NetpolError, refuse } from '../values/problem';
import { writeApp } from './emit';
import type { MlModuleOptions } from './ml-module';
import { MlModule } from './ml-module';
import { TrafficModel } from './traffic-model';
import { treeOf } from './tree';

/** Cluster, environment and output of a platform. */
export interface MlPlatformProps extends AppProps {
  /**
   * The cluster that is written for.
   *
   * @default ClusterProfile.generic()
   */
  readonly cluster?: ClusterProfile;

  /**
   * The environment that is written for.
   *
   * @default Environment.PROD
   */
  readonly environment?: Environment;

  /**
   * Whether names of modules' namespaces end in the environment's name: `alt-las-dev`.
   *
   * @default false
   */
  readonly suffixNamespaces?: boolean;

  /**
   * Whether names of policies end in the environment's name: `default-deny-dev`.
   *
   * @default false
   */
  readonly suffixPolicies?: boolean;
}

/**
 * An `App` whose cost is linear in what it writes, that never overwrites one object with another,
 * writes what allows before what denies, and puts `traffic-model.jsonl` beside the YAML.
 */
export class MlPlatform extends App {
  /** The cluster that is written for. */
  public readonly cluster: ClusterProfile;
  /** The environment that is written for. */
  public readonly environment: Environment;
  private readonly suffixNamespaces: boolean;
  private readonly withConstructMetadata: boolean;

  constructor(props: MlPlatformProps = {}) {
    super(props);
    this.cluster = props.cluster ?? ClusterProfile.generic();
    this.environment = props.environment ?? Environment.PROD;
    this.suffixNamespaces = props.suffixNamespaces ?? false;
    // the App's own flag is private; cdk8s-cli sets the variable when it validates
    this.withConstructMetadata =
      props.recordConstructMetadata ?? process.env['CDK8S_RECORD_CONSTRUCT_METADATA'] === 'true';
    ClusterProfile.provide(this, this.cluster);
    treeOf(this).defaults = {
      environment: this.environment,
      policySuffix: props.suffixPolicies === true ? `-${this.environment.name}` : '',
    };
  }

  /** A module: a chart with its namespaces and their baseline. */
  public module(name: string, options: MlModuleOptions = {}): MlModule {
    if (this.node.tryFindChild(name) !== undefined) {
      refuse({
        code: 'module-twice',
        where: 'MlPlatform.module',
        got: name,
        expected: 'a name that no other chart of the platform has',
        fix: `keep the module: const module = platform.module('${name}')`,
      });
    }
    const suffix = this.suffixNamespaces ? `-${this.environment.name}` : '';
    const namespaces = (options.namespaces ?? [name]).map((one) => `${one}${suffix}`);
    return new MlModule(this, name, { ...options, namespaces });
  }

  /** Writes the YAML and the traffic model, or throws every problem at once and writes nothing. */
  public override synth(): void {
    const problems = this.node
      .findAll()
      .flatMap((node) => node.node.validate().map((text) => located(node.node.path, text)));
    if (problems.length > 0) {
      const count = problems.length === 1 ? '1 problem' : `${String(problems.length)} problems`;
      throw new NetpolError([], [`${count}, nothing was written:`, ...problems]);
    }
    writeApp(this, this.withConstructMetadata);
    TrafficModel.of(this).save(this.outdir);
  }
}

function located(path: string, text: string): string {
  return path === '' ? text : `[${path}] ${text}`;
}
