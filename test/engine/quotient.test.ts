/** Which classes are one node, and which pairs of nodes are special. */
import type { PeerSet } from '../../src/engine/peer-sets';
import type { Side } from '../../src/engine/quotient';
import { quotientOf } from '../../src/engine/quotient';

function set(id: number, ...sure: number[]): PeerSet {
  return { id, sure, maybe: [], fact: 'pod-address' };
}

const SILENT: Side = { id: 0, mentions: [], here: [] };

/** Four classes, two in each of two namespaces. */
function quotient(sources: readonly Side[], destinations: readonly Side[] = []) {
  return quotientOf({
    source: (place) => sources[place] ?? SILENT,
    destination: (place) => destinations[place] ?? SILENT,
    namespaceOf: (place) => (place < 2 ? 0 : 1),
    kindOf: () => '',
    count: 4,
  });
}

test('classes that no rule tells apart are one node', () => {
  const { nodes, special } = quotient([]);
  expect(nodes.map(({ places }) => places)).toEqual([[0, 1, 2, 3]]);
  expect(special).toEqual([[]]);
});

test('a class that a rule names is a node of its own, and special to whoever names it', () => {
  const caller: Side = { id: 1, mentions: [set(7, 3)], here: [] };
  const { nodes, nodeOf, special } = quotient([caller]);
  expect(nodes.map(({ places }) => places)).toEqual([[0], [1, 2], [3]]);
  expect(special[nodeOf[0] ?? -1]).toEqual([nodeOf[3]]);
  expect(special[nodeOf[1] ?? -1]).toEqual([]);
});

test('a destination that names its callers is special to them', () => {
  const called: Side = { id: 1, mentions: [set(7, 0)], here: [] };
  const { nodeOf, special } = quotient([], [SILENT, SILENT, called]);
  expect(special[nodeOf[0] ?? -1]).toEqual([nodeOf[2]]);
});

test('rules about the own namespace make neighbours, wherever both occur together', () => {
  const near: Side = { id: 1, mentions: [], here: [set(7, 0, 1, 2, 3)] };
  const { nodes, neighbours } = quotient([near, near, near, near]);
  expect(nodes).toHaveLength(1);
  expect([...(neighbours[0] ?? [])]).toEqual([0]);
});
