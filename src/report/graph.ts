/**
 * A result as a graph, for Mermaid and Graphviz. More than 200 edges are no picture any more: they are
 * drawn between namespaces, and the graph says so.
 */
import { createHash } from 'node:crypto';
import type { ReachStream, ResultConnection } from '../engine/result';
import type { Reported, ReportOptions } from './report';
import { kindOf, namespaceOf } from './names';
import { allowedTexts, countText, knownText, notAnalyzedText, portsText } from './words';

export type EdgeKind = 'allowed' | 'unknown' | 'denied' | 'widened' | 'narrowed' | 'changed';

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  readonly label: string;
}

export interface Node {
  readonly name: string;
  /** Stable: made of the name alone. Letters, digits and underscores. */
  readonly id: string;
  /** Its last part, inside its group. */
  readonly label: string;
  /** Namespace; absent: addresses, strangers, or a namespace itself. */
  readonly group?: string;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** What a reader must know: that it was collapsed, what is not analyzed. */
  readonly notes: readonly string[];
}

const MOST_EDGES = 200;

export function graphOf(result: Reported, { all }: ReportOptions): Graph {
  const edges = edgesOf(result);
  const notes = result.notAnalyzed.length === 0 ? [] : [notAnalyzedText(result)];
  if (edges.length > MOST_EDGES) {
    const collapsed = byNamespace(edges);
    const what = countText(edges.length, 'connection');
    const note = `${what}, more than ${MOST_EDGES}: drawn by namespace`;
    return { edges: collapsed, nodes: nodesOf(collapsed, []), notes: [note, ...notes] };
  }
  const alone = result.query === 'reach' ? result.workloads.map(({ id }) => id) : [];
  const denied = all && result.query === 'reach' ? deniedEdges(result, edges) : [];
  const drawn = edges.length + denied.length > MOST_EDGES ? edges : [...edges, ...denied];
  const hidden = drawn.length < edges.length + denied.length;
  const note = `${countText(denied.length, 'denied pair')} not drawn: more than ${MOST_EDGES} edges`;
  return { edges: drawn, nodes: nodesOf(drawn, alone), notes: hidden ? [note, ...notes] : notes };
}

/** `llm_serving_Deployment_model_api_1f3a9c`: a name's own, whatever else is drawn. */
export function nodeId(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 6);
  return `n_${name.replace(/[^A-Za-z0-9]+/g, '_').slice(0, 40)}_${hash}`;
}

function edgesOf(result: Reported): readonly Edge[] {
  switch (result.query) {
    case 'reach':
      return mergeEdges(reachEdges(result.connections));
    case 'exposure':
      return mergeEdges(
        result.exposed.flatMap(({ workload, from, to }) => [
          ...from.flatMap((each) => reachEdges([{ ...each, from: each.stranger, to: workload }])),
          ...to.flatMap((each) => reachEdges([{ ...each, from: workload, to: each.stranger }])),
        ]),
      );
    case 'diff':
      return result.changes.map(({ change, from, to, protocol, was, now }) => {
        const label = `${knownText(protocol, now)} (was ${knownText(protocol, was)})`;
        return { from, to, kind: change, label: `${change}: ${label}` };
      });
    case 'explain':
    case 'lint':
    case 'test':
      return [];
  }
}

function reachEdges(connections: Iterable<ResultConnection>): Edge[] {
  const edges: Edge[] = [];
  for (const { from, to, protocol, allow, unknown } of connections) {
    const allowed = allowedTexts(protocol, allow).join(', ');
    if (allowed !== '') edges.push({ from, to, kind: 'allowed', label: allowed });
    for (const { ports, fact } of unknown) {
      const label = `${portsText(protocol, ports)} depends on ${fact}`;
      edges.push({ from, to, kind: 'unknown', label });
    }
  }
  return edges;
}

/** One edge for what one pair may do by several protocols. */
function mergeEdges(edges: readonly Edge[]): readonly Edge[] {
  const merged = new Map<string, Edge>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to, edge.kind]);
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined ? edge : { ...known, label: `${known.label}, ${edge.label}` },
    );
  }
  return [...merged.values()];
}

function byNamespace(edges: readonly Edge[]): readonly Edge[] {
  const counts = new Map<string, { readonly edge: Edge; count: number }>();
  for (const edge of edges) {
    const [from, to] = [namespaceOf(edge.from), namespaceOf(edge.to)];
    const key = JSON.stringify([from, to, edge.kind]);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { edge: { ...edge, from, to }, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()].map(({ edge, count }) => {
    const kind = edge.kind === 'allowed' ? '' : `${edge.kind} `;
    return { ...edge, label: countText(count, `${kind}connection`) };
  });
}

function deniedEdges(result: ReachStream, edges: readonly Edge[]): readonly Edge[] {
  const known = new Set(edges.map(({ from, to }) => JSON.stringify([from, to])));
  const ids = result.workloads.map(({ id }) => id);
  const [sources, destinations] = [result.asked?.from ?? ids, result.asked?.to ?? ids];
  const denied: Edge[] = [];
  for (const from of sources) {
    for (const to of destinations) {
      if (from === to || known.has(JSON.stringify([from, to]))) continue;
      denied.push({ from, to, kind: 'denied', label: 'denied' });
      // nobody draws more, and a large cluster has millions
      if (denied.length > MOST_EDGES) return denied;
    }
  }
  return denied;
}

function nodesOf(edges: readonly Edge[], alone: readonly string[]): readonly Node[] {
  const names = new Set([...alone, ...edges.flatMap(({ from, to }) => [from, to])]);
  return [...names].sort().map((name): Node => {
    const kind = kindOf(name);
    if (kind === '') return { name, id: nodeId(name), label: name };
    const [group = '', , ...rest] = name.split('/');
    return { name, id: nodeId(name), label: `${rest.join('/')} (${kind})`, group };
  });
}
