/** The one place where the command line calls the engine. */
import { readFileSync } from 'node:fs';
import { ask } from '../engine/ask';
import { diff } from '../engine/diff';
import { explain } from '../engine/explain';
import { exposure } from '../engine/exposure';
import { routesOf } from '../engine/routes';
import type { EndFilter } from '../engine/reach-result';
import { connectionsOf, shownWorkloads } from '../engine/reach-result';
import type { ReachStream, ResultBase, ResultWorkload, Severity } from '../engine/result';
import { resultBase } from '../engine/result-base';
import { World } from '../engine/world';
import { clusterOf } from '../read/cluster-of';
import { readPaths } from '../read/files';
import { profileOf } from '../read/profile';
import type { ReadResult } from '../read/result';
import { isObject } from '../read/json';
import type { Acknowledged } from '../rules/acknowledgements';
import { readAcknowledgements } from '../rules/acknowledgements';
import { FINDABLE, lint } from '../rules/lint';
import { compareWith } from '../verify/compare';
import { jobsOf, probeYaml } from '../verify/objects';
import { probesOf } from '../verify/probes';
import { scriptOf } from '../verify/script';
import { troubleshootingOf, troubleshootingOfNamespace } from '../verify/troubleshooting';
import type {
  Analysis,
  Analyzer,
  End,
  Inputs,
  Question,
  ReachFilter,
  ServiceEnd,
  TextFile,
  Verification,
} from './analysis';
import { CannotAnswer } from './cannot-answer';

export function engineAnalyzer(today: string): Analyzer {
  return {
    open: (inputs) => new EngineAnalysis(inputs, today),
    rules: () => FINDABLE,
  };
}

class EngineAnalysis implements Analysis {
  readonly about: ResultBase;
  readonly workloads: readonly ResultWorkload[];
  readonly services: readonly ServiceEnd[];
  readonly world: World;
  private readonly input: ReadResult;

  constructor(
    { paths, stdin = '', profile }: Inputs,
    private readonly today: string,
  ) {
    this.input = readPaths(paths, { stdin: () => Buffer.from(stdin) });
    const cluster = clusterOf(this.input, profile === undefined ? undefined : readProfile(profile));
    this.world = new World(cluster);
    this.about = resultBase(this.world, this.input.problems);
    this.workloads = shownWorkloads(this.world);
    this.services = cluster.services.map(({ namespace, name }) => ({
      ...{ kind: 'service', namespace, name },
    }));
  }

  reach({ from, to }: ReachFilter): ReachStream {
    const { world, workloads } = this;
    const filter = {
      ...(from === undefined ? {} : { from: filterOf(from) }),
      ...(to === undefined ? {} : { to: filterOf(to) }),
    };
    const asked = {
      ...(from === undefined ? {} : { from: idsOf(from) }),
      ...(to === undefined ? {} : { to: idsOf(to) }),
    };
    return {
      ...this.about,
      ...{ query: 'reach', workloads, asked },
      connections: { [Symbol.iterator]: () => connectionsOf(world, filter) },
    };
  }

  explain(question: Question) {
    return { ...this.about, ...explain(this.world, question) };
  }

  ask(question: Question) {
    return ask(this.world, question);
  }

  exposure(ids?: readonly string[]) {
    const { world } = this;
    const [exposed, routes] = [exposure(world, ids), routesOf(world, ids)];
    return { ...this.about, query: 'exposure' as const, exposed, routes };
  }

  lint(severities: ReadonlyMap<string, Severity | 'off'>, acknowledgements: readonly TextFile[]) {
    const { today, world, input } = this;
    const read = acknowledgements.map(({ file, text }) => readAcknowledgements(file, text));
    const acknowledged: Acknowledged = {
      acknowledgements: read.flatMap((one) => one.acknowledgements),
      problems: read.flatMap((one) => one.problems),
    };
    return lint(world, input, {
      ...{ today, severities: Object.fromEntries(severities), acknowledged },
    });
  }

  verification(forbidden: number): Verification {
    const { world } = this;
    const { probes, untried } = probesOf(world, forbidden);
    return {
      count: probes.length,
      untried,
      yaml: (image) => probeYaml(world, probes, image),
      script: () => scriptOf(world, jobsOf(probes)),
      namespaces: world.cluster.namespaces.map(({ name }) => name),
      troubleshooting: (of) =>
        of.includes('/') ? troubleshootingOf(world, of) : troubleshootingOfNamespace(world, of),
      compare: (phases) => compareWith(world, probes, phases),
    };
  }

  diff(newer: Analysis) {
    if (!(newer instanceof EngineAnalysis)) throw new CannotAnswer(['diff: two different engines']);
    const problems = [...this.about.problems, ...newer.about.problems];
    return { ...newer.about, problems, ...diff(this.world, newer.world) };
  }
}

function idsOf(ends: readonly End[]): string[] {
  return ends.flatMap((end) => (end.kind === 'workload' ? [end.id] : []));
}

function filterOf(ends: readonly End[]): EndFilter {
  const blocks = ends.flatMap((end) => (end.kind === 'addresses' ? [end.cidr] : []));
  return { workloads: new Set(idsOf(ends)), blocks };
}

function readProfile(file: string) {
  const text = readFileSync(file, 'utf8');
  try {
    const record: unknown = JSON.parse(text);
    if (isObject(record)) return profileOf(record);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CannotAnswer([
      `${file}: got no JSON (${why}), expected the profile record of a traffic model`,
    ]);
  }
  throw new CannotAnswer([
    `${file}: got no object, expected the profile record of a traffic model`,
  ]);
}
