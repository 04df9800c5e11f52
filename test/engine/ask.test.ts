/** Single answers: the objects that decide, and the same verdict that all pairs have. */
import { ApiObject, Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { ask } from '../../src/engine/ask';
import { explain } from '../../src/engine/explain';
import { protocolOf } from '../../src/engine/question';
import type { Question } from '../../src/engine/question';
import type { PairVerdict } from '../../src/engine/pair';
import { World } from '../../src/engine/world';
import { clusterOf as readClusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';
import { holdsPort } from '../../src/values/port-ranges';
import { Protocol } from '../../src/values/port';
import { Dice } from '../fuzz/dice';
import { PORTS } from '../fuzz/l4-pools';
import { clusterOf, partialWorld } from '../fuzz/l4-world';
import { anyMeshStory } from '../support/mesh-arbitrary';
import { buildStory } from '../support/mesh-build';
import { outcomeOf } from '../support/mesh-judge';
import { asked, SERVING, worldOf } from '../support/questions';

const { gateway, bert, modelApi, prometheus } = SERVING;

test('the objects that decide are named', () => {
  const world = worldOf();
  expect(ask(world, asked({ from: gateway, to: modelApi, port: 8000 }))).toEqual({
    verdict: 'ALLOWED',
    by: ['NetworkPolicy llm-serving/model-api'],
    unknown: [],
  });
  expect(ask(world, asked({ from: bert, to: modelApi, port: 8000 }))).toEqual({
    verdict: 'DENIED',
    by: ['NetworkPolicy llm-serving/default-deny', 'NetworkPolicy llm-serving/model-api'],
    unknown: [],
  });
  expect(ask(world, asked({ from: prometheus, to: modelApi, port: 9090 }))).toMatchObject({
    verdict: 'UNKNOWN',
    unknown: ['pod-address'],
  });
});

test('pods of one workload that differ have no single answer', () => {
  const worker = (role: string) => `
---
apiVersion: v1
kind: Pod
metadata:
  name: bert-${role}
  namespace: llm-api
  labels: { app: ${role === 'launcher' ? 'gateway' : 'bert'}, role: ${role} }
  ownerReferences: [{ apiVersion: batch/v1, kind: Job, name: bert, controller: true, uid: a }]
`;
  const world = worldOf(worker('launcher') + worker('worker'));
  const id = world.classes.find(({ pods }) => pods.labels['role'] === 'worker')?.workload.id;
  const from = { kind: 'workload', id: id ?? '' } as const;
  const answer = ask(world, asked({ from, to: modelApi, port: 8000 }));
  expect(answer.verdict).toBe('UNKNOWN');
  expect(answer.unknown.join()).toContain('ALLOWED: app=gateway,role=launcher; DENIED: app=bert');
});

/** One port of a pair in a word: some request passes, or may pass, or none. */
function wordOf(world: World, { sure, limited, unknown }: PairVerdict, question: Question): string {
  const { pool } = world.reach;
  const [protocol, { port }] = [protocolOf(question), question];
  const some = limited.some(({ ports }) => holdsPort(ports, port));
  if (pool.has(sure, protocol, port) || (protocol === Protocol.TCP && some)) return 'ALLOWED';
  const open = unknown.some(({ connections }) => pool.has(connections, protocol, port));
  return open ? 'UNKNOWN' : 'DENIED';
}

/** Random pairs and ports of a world, each of single classes. */
function agreeing(world: World, dice: Dice, where: string, met: Set<string>): void {
  const [from, to] = [dice.from(world.classes), dice.from(world.classes)];
  const port = dice.from([...PORTS, 8443, 9090, 15020]);
  if (from === undefined || to === undefined || port === undefined) return;
  if ([from, to].some(({ workload }) => workload.pods.length > 1)) return;
  const question = asked({
    from: { kind: 'workload', id: from.workload.id },
    to: { kind: 'workload', id: to.workload.id },
    port,
    protocol: (['TCP', 'TCP', 'UDP', 'SCTP'] as const)[dice.below(4)] ?? 'TCP',
  });
  const expected = wordOf(world, world.reach.between(from.index, to.index), question);
  const result = explain(world, question);
  const at = `${where}: ${JSON.stringify(question)}`;
  expect([at, result.verdict, ask(world, question).verdict]).toEqual([at, expected, expected]);
  // whoever denies is named, and whoever is unknown says why
  for (const { layer, verdict, by, facts } of result.layers) {
    const told = verdict === 'UNKNOWN' ? facts.length > 0 : layer === 'mtls' || by.length > 0;
    if (verdict === 'DENIED' || verdict === 'UNKNOWN')
      expect([at, layer, told]).toEqual([at, layer, true]);
  }
  met.add(expected);
}

const runs = Number(process.env['FUZZ_RUNS'] ?? 400);
const seed = Number(process.env['FUZZ_SEED'] ?? 11);

test('explanations agree with the matrix of random clusters', () => {
  const met = new Set<string>();
  for (let run = 0; run < runs; run += 1) {
    const dice = new Dice(seed * 1_000_003 + run, new Map());
    const world = new World(clusterOf(partialWorld(dice)).cluster, { perNamespace: false });
    for (let count = 0; count < 8; count += 1) agreeing(world, dice, `run ${String(run)}`, met);
  }
  expect([...met].sort()).toEqual(['ALLOWED', 'DENIED', 'UNKNOWN']);
});

test('explanations agree with the matrix of random meshes', () => {
  const met = new Set<string>();
  const stories = fc.sample(anyMeshStory, { numRuns: Math.ceil(runs / 8), seed });
  stories.forEach((story, run) => {
    const { app } = buildStory(story);
    if (outcomeOf(app).codes.length > 0) return;
    const objects = app.node
      .findAll()
      .filter((node): node is ApiObject => ApiObject.isApiObject(node));
    const text = Yaml.stringify(...objects.map((object) => object.toJson() as object));
    const pods = story.workloads.map(({ namespace, name, labels, account = 'default' }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: `pod-${name}`, labels },
      spec: { serviceAccountName: account },
    }));
    const input = readText('dist.yaml', `${text}\n---\n${Yaml.stringify(...pods)}`);
    const cluster = readClusterOf(input);
    const mesh = { ...cluster.profile.mesh, mode: story.mesh };
    const world = new World({ ...cluster, profile: { ...cluster.profile, mesh } });
    const dice = new Dice(seed * 7_919 + run, new Map());
    for (let count = 0; count < 60; count += 1) agreeing(world, dice, `story ${String(run)}`, met);
  });
  expect([...met].sort()).toEqual(['ALLOWED', 'DENIED', 'UNKNOWN']);
});
