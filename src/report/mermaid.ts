/** A Mermaid flowchart, as GitHub and GitLab draw it. Namespaces are boxes; UNKNOWN is dotted. */
import type { EdgeKind, Graph, Node } from './graph';
import { graphOf, nodeId } from './graph';
import type { Report } from './report';
import { printable } from './words';

const ARROWS: Readonly<Record<EdgeKind, string>> = {
  allowed: '-->',
  unknown: '-.->',
  denied: '-.-x',
  widened: '==>',
  narrowed: '-.->',
  changed: '-->',
};

export const mermaid: Report = {
  mediaType: 'text/vnd.mermaid',
  *render(result, options) {
    const graph = graphOf(result, options);
    yield 'flowchart LR\n';
    for (const note of graph.notes) yield `  %% ${printable(note).replace(/[{}]/g, '')}\n`;
    yield* nodeLines(graph);
    for (const { from, to, kind, label } of graph.edges) {
      yield `  ${nodeId(from)} ${ARROWS[kind]}|${quoted(label)}| ${nodeId(to)}\n`;
    }
  },
};

function* nodeLines({ nodes }: Graph): Generator<string> {
  const groups = new Map<string | undefined, Node[]>();
  for (const node of nodes) groups.set(node.group, [...(groups.get(node.group) ?? []), node]);
  for (const [group, members] of groups) {
    const indent = group === undefined ? '  ' : '    ';
    if (group !== undefined) yield `  subgraph ${nodeId(`namespace ${group}`)}[${quoted(group)}]\n`;
    for (const { id, label } of members) yield `${indent}${id}[${quoted(label)}]\n`;
    if (group !== undefined) yield '  end\n';
  }
}

/** Mermaid has entity codes, and no other escapes. */
function quoted(text: string): string {
  const safe = printable(text).replace(/["#<>&`\\|[\]{}]/g, (character) => {
    return `#${character.charCodeAt(0)};`;
  });
  return `"${safe}"`;
}
