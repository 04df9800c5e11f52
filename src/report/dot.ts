/** A graph for Graphviz. Namespaces are clusters; UNKNOWN is dashed. */
import type { EdgeKind, Graph, Node } from './graph';
import { graphOf, nodeId } from './graph';
import type { Report } from './report';
import { printable } from './words';

const STYLES: Readonly<Record<EdgeKind, string>> = {
  allowed: '',
  unknown: ', style=dashed',
  denied: ', style=dotted, arrowhead=tee',
  widened: ', style=bold, color=red',
  narrowed: ', style=dashed, color=darkgreen',
  changed: ', color=orange',
};

export const dot: Report = {
  mediaType: 'text/vnd.graphviz',
  *render(result, options) {
    const graph = graphOf(result, options);
    yield 'digraph reach {\n  rankdir=LR;\n  node [shape=box];\n';
    if (graph.notes.length > 0) yield `  label=${quoted(graph.notes.join('; '))};\n`;
    yield* nodeLines(graph);
    for (const { from, to, kind, label } of graph.edges) {
      yield `  ${nodeId(from)} -> ${nodeId(to)} [label=${quoted(label)}${STYLES[kind]}];\n`;
    }
    yield '}\n';
  },
};

function* nodeLines({ nodes }: Graph): Generator<string> {
  const groups = new Map<string | undefined, Node[]>();
  for (const node of nodes) groups.set(node.group, [...(groups.get(node.group) ?? []), node]);
  for (const [group, members] of groups) {
    const indent = group === undefined ? '  ' : '    ';
    if (group !== undefined) {
      yield `  subgraph cluster_${nodeId(`namespace ${group}`)} {\n    label=${quoted(group)};\n`;
    }
    for (const { id, label } of members) yield `${indent}${id} [label=${quoted(label)}];\n`;
    if (group !== undefined) yield '  }\n';
  }
}

function quoted(text: string): string {
  return `"${printable(text).replace(/["\\]/g, '\\$&')}"`;
}
