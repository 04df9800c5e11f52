/**
 * The command line without an engine and without a process: runs a command, and keeps what it wrote.
 * The fake engine knows three workloads, of which two share a name, and answers from fixed results.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Analysis, Analyzer, Inputs, Question } from '../../src/cli/analysis';
import type { Io, Sink } from '../../src/cli/io';
import { run } from '../../src/cli/run';
import type { ResultConnection, ResultWorkload } from '../../src/engine/result';
import {
  allowing,
  BASE,
  diff,
  explain,
  exposure,
  finding,
  lint,
  reach,
  workload,
} from '../report/results';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface World {
  readonly analysis?: Partial<Analysis>;
  readonly stdin?: string;
  readonly env?: Io['env'];
  readonly isTTY?: boolean;
  /** How many pieces somebody reads before the pipe is closed. */
  readonly pieces?: number;
  /** Told of every opening. */
  readonly opened?: Inputs[];
  readonly analyzer?: Analyzer;
}

export const WORKLOADS: readonly ResultWorkload[] = [
  'llm-serving/Deployment/triton',
  'ml-training/Job/bert',
  'ml-training/Pod/bert',
  'mlflow/Deployment/mlflow',
].map(workload);

/** From the pod `bert` to mlflow on 5000, and for some requests on 8080; the rest depends on a fact. */
export const CONNECTIONS: readonly ResultConnection[] = [
  allowing('ml-training/Job/bert', 'mlflow/Deployment/mlflow', {
    allow: [
      { ports: [[5000, 5000]] },
      {
        ports: [[8080, 8080]],
        http: [{ methods: ['GET'], paths: ['/api/*'], notPaths: [], hosts: [], when: [] }],
      },
    ],
    unknown: [{ ports: [[2049, 2049]], fact: 'pod-address' }],
  }),
];

export function fakeAnalysis(more: Partial<Analysis> = {}): Analysis {
  const ids = (ends: readonly { readonly kind: string }[] | undefined): readonly string[] =>
    (ends ?? []).map((end) => ('id' in end ? String(end.id) : ''));
  return {
    about: BASE,
    workloads: WORKLOADS,
    services: [{ kind: 'service', namespace: 'mlflow', name: 'tracking' }],
    reach: ({ from, to }) =>
      reach({
        workloads: WORKLOADS,
        asked: { ...(from && { from: ids(from) }), ...(to && { to: ids(to) }) },
        connections: CONNECTIONS.filter(
          (each) =>
            (from === undefined || ids(from).includes(each.from)) &&
            (to === undefined || ids(to).includes(each.to)),
        ),
      }),
    explain: ({ protocol, port }) => explain({ protocol, port }),
    ask: ({ port, path }: Question) => ({
      verdict:
        port === 2049 ? 'UNKNOWN' : port === 8080 && path === '/api/x' ? 'ALLOWED' : 'DENIED',
      by: ['NetworkPolicy mlflow/mlflow'],
      unknown: port === 2049 ? ['pod-address'] : [],
    }),
    exposure: (ids) => exposure(ids === undefined ? {} : { exposed: [] }),
    lint: (severities) =>
      lint([finding({ severity: severities.get('MLN203') === 'info' ? 'info' : 'error' })]),
    diff: () => diff(),
    verification: (forbidden) => ({
      count: forbidden,
      untried: [{ from: 'a', to: 'b', why: 'none of its ports is known' }],
      yaml: (image) => `image: ${image}\n`,
      script: () => '#!/bin/sh\n',
      namespaces: ['mlflow'],
      troubleshooting: (id) => `# ${id}\n`,
      compare: ({ after }) =>
        after.map(({ probe, at }) => ({
          ...{ assertion: probe.to, at, verdict: 'failed', got: 'HTTP 200', expected: 'blocked' },
          evidence: [],
        })),
    }),
    ...more,
  };
}

export function fakeAnalyzer({ analysis, opened = [] }: World): Analyzer {
  return {
    open: (inputs) => {
      opened.push(inputs);
      return fakeAnalysis(analysis);
    },
    rules: () => lint([]).rules,
  };
}

export async function cli(argv: readonly string[], world: World = {}): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const sink = (pieces: string[]): Sink => ({
    isTTY: world.isTTY ?? false,
    write: (piece) => Promise.resolve(pieces.push(piece) < (world.pieces ?? Infinity)),
  });
  const io: Io = {
    stdin: () => Promise.resolve(world.stdin ?? ''),
    stdout: sink(out),
    stderr: sink(err),
    env: world.env ?? {},
  };
  const analyzer = () => world.analyzer ?? fakeAnalyzer(world);
  const code = await run({ argv, version: '1.2.3', analyzer }, io);
  return { code, stdout: out.join(''), stderr: err.join('') };
}

/** A folder with `dist/` in it, that the tests of a file run in. */
export function inFolder(files: Readonly<Record<string, string>> = {}): { readonly path: string } {
  const before = process.cwd();
  const path = mkdtempSync(join(tmpdir(), 'ml-netpol-cli-'));
  for (const [name, text] of Object.entries({ 'dist/x.yaml': '', 'old/x.yaml': '', ...files })) {
    mkdirSync(join(path, dirname(name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  beforeAll(() => process.chdir(path));
  afterAll(() => {
    process.chdir(before);
    rmSync(path, { recursive: true });
  });
  return { path };
}
