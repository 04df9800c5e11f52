/** Single answers: the objects that decide, and the same verdict that all pairs have. */
import { ask } from '../../src/engine/ask';
import { explain } from '../../src/engine/explain';
import { protocolOf } from '../../src/engine/question';
import type { Question } from '../../src/engine/question';
import type { PairVerdict } from '../../src/engine/pair';
import { World } from '../../src/engine/world';
import { holdsPort } from '../../src/values/port-ranges';
import { Protocol } from '../../src/values/port';
import { Dice } from '../fuzz/dice';
import { PORTS } from '../fuzz/l4-pools';
import { clusterOf, partialWorld } from '../fuzz/l4-world';
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

const runs = Number(process.env['FUZZ_RUNS'] ?? 400);
const seed = Number(process.env['FUZZ_SEED'] ?? 11);

test('explanations agree with the matrix of random clusters', () => {
  const met = new Map<string, number>();
  for (let run = 0; run < runs; run += 1) {
    const dice = new Dice(seed * 1_000_003 + run, new Map());
    const world = new World(clusterOf(partialWorld(dice)).cluster, { perNamespace: false });
    for (let count = 0; count < 8; count += 1) {
      const [from, to] = [dice.from(world.classes), dice.from(world.classes)];
      const port = dice.from(PORTS);
      if (from === undefined || to === undefined || port === undefined) continue;
      const alone = [from, to].every(({ workload }) => workload.pods.length === 1);
      if (!alone) continue;
      const question = asked({
        from: { kind: 'workload', id: from.workload.id },
        to: { kind: 'workload', id: to.workload.id },
        port,
        protocol: (['TCP', 'UDP', 'SCTP'] as const)[dice.below(3)] ?? 'TCP',
      });
      const expected = wordOf(world, world.reach.between(from.index, to.index), question);
      const result = explain(world, question);
      const where = `run ${String(run)}: ${JSON.stringify(question)}`;
      expect([where, result.verdict]).toEqual([where, expected]);
      expect([where, ask(world, question).verdict]).toEqual([where, expected]);
      // whoever denies is named, and whoever is unknown says why
      for (const layer of result.layers) {
        if (layer.verdict === 'DENIED') expect([where, layer.by.length > 0]).toEqual([where, true]);
        if (layer.verdict === 'UNKNOWN') expect(layer.facts).not.toEqual([]);
      }
      met.set(expected, (met.get(expected) ?? 0) + 1);
    }
  }
  expect([...met.keys()].sort()).toEqual(['ALLOWED', 'DENIED', 'UNKNOWN']);
});
