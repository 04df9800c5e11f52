/**
 * What the probes saw, against what the policies say. A pair that is denied counts as seen only where
 * somebody got an answer from the same port: a server that is down looks like a policy that works.
 */
import { explain } from '../engine/explain';
import type { AssertionAnswer, Evidence, Place } from '../engine/result';
import type { World } from '../engine/world';
import type { Observed, Saw } from './observed';
import { observedOf } from './observed';
import type { Probe } from './probes';
import { keyOf } from './probes';

/** One line of a file of results. */
export interface Seen {
  readonly probe: Probe;
  readonly saw: Saw;
  readonly at: Place;
}

export interface Phases {
  readonly after: readonly Seen[];
  /** Seen before the policies were there: everything is to get through. */
  readonly before: readonly Seen[];
  /** File that is told of where a probe has no line. */
  readonly file: string;
}

/** One answer for each planned probe, and for each that was reported besides. */
export function compareWith(
  world: World,
  planned: readonly Probe[],
  { after, before, file }: Phases,
): AssertionAnswer[] {
  const answering = new Set(
    [...after, ...before]
      .filter(({ saw, probe }) => observedOf(saw, probe).word === 'answered')
      .map(({ probe }) => portOf(probe)),
  );
  const reported = new Map(after.map((seen) => [keyOf(seen.probe), seen] as const));
  const missing = planned
    .filter((probe) => !reported.has(keyOf(probe)))
    .map((probe) => unreported(probe, { file, line: 1, column: 1 }));
  return [
    ...before.map((seen) => beforePolicies(seen)),
    ...[...reported.values()].map((seen) => judge(world, seen, answering)),
    ...missing,
  ];
}

function judge(world: World, seen: Seen, answering: ReadonlySet<string>): AssertionAnswer {
  const { probe, saw } = seen;
  const observed = observedOf(saw, probe);
  const wanted = probe.expected === 'ALLOWED' ? 'answered' : 'blocked';
  const unproved = wanted === 'blocked' && !answering.has(portOf(probe));
  if (observed.word === 'unclear' || (observed.word === 'blocked' && unproved)) {
    const why = observed.word === 'unclear' ? '' : ', and nobody was answered by this port';
    return answer(seen, 'unknown', `${observed.says}${why}`, wanted);
  }
  const passed = observed.word === wanted;
  return {
    ...answer(seen, passed ? 'passed' : 'failed', observed.says, wanted),
    evidence: passed ? [] : evidenceOf(world, probe),
  };
}

function beforePolicies(seen: Seen): AssertionAnswer {
  const { word, says } = observedOf(seen.saw, seen.probe);
  const verdict: Record<Observed['word'], AssertionAnswer['verdict']> = {
    ...{ answered: 'passed', blocked: 'failed', unclear: 'unknown' },
  };
  return answer(seen, verdict[word], says, 'answered, before the policies');
}

function unreported(probe: Probe, at: Place): AssertionAnswer {
  const wanted = probe.expected === 'ALLOWED' ? 'answered' : 'blocked';
  return {
    ...{ assertion: textOf(probe), at, verdict: 'unknown', got: 'no line of results' },
    ...{ expected: wanted, evidence: [] },
  };
}

function answer(
  { probe, at }: Seen,
  verdict: AssertionAnswer['verdict'],
  got: string,
  expected: string,
): AssertionAnswer {
  return { assertion: textOf(probe), at, verdict, got, expected, evidence: [] };
}

function textOf({ from, to, protocol, port, method, path, host }: Probe): string {
  const request = [method, path, host].filter((part) => part !== undefined).join(' ');
  return `${from} -> ${to} ${protocol} ${port}${request === '' ? '' : ` ${request}`}`;
}

function portOf({ to, protocol, port }: Probe): string {
  return `${to} ${protocol} ${port}`;
}

function evidenceOf(world: World, { from, to, protocol, port, ...rest }: Probe): Evidence[] {
  const [namespace = '', kind, name = ''] = to.split('/');
  const { method, path, host } = rest;
  const { layers } = explain(world, {
    from: { kind: 'workload', id: from },
    to: kind === 'Service' ? { kind: 'service', namespace, name } : { kind: 'workload', id: to },
    ...{ protocol, port },
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path }),
    ...(host !== undefined && { host }),
  });
  return layers.flatMap(({ by, nearest }) => [...by, ...(nearest === undefined ? [] : [nearest])]);
}
