/** A mesh story as a few lines: what a failing property shows. */

import type { Difference } from './mesh-judge';
import type { Grant, MeshStory, Peer } from './mesh-story';

export function textOf(story: MeshStory): string {
  const { mesh, withinNamespace, monitoring } = story;
  return [
    JSON.stringify({ mesh, withinNamespace, monitoring }),
    ...story.namespaces.map((one) => `namespace ${JSON.stringify(one)}`),
    ...story.workloads.map(({ ports, ...one }) => {
      const listed = ports.map(({ port, kind, purpose }) => `${kind} ${port} ${purpose}`);
      return `workload ${JSON.stringify(one)} on ${listed.join(', ')}`;
    }),
    ...story.grants.map(grantText),
    ...story.denies.map((one) => `deny ${JSON.stringify(named(one))}`),
    ...story.mtls.map((one) => `mtls ${JSON.stringify(named(one))}`),
    ...story.tokens.map((one) => `tokens ${JSON.stringify(named(one))}`),
  ].join('\n');
}

function grantText({ say, from, to, ...terms }: Grant): string {
  return `${say} ${peerText(from)} -> ${peerText(to)} ${JSON.stringify(terms)}`;
}

function peerText(peer: Peer): string {
  return peer.kind === 'workload' ? peer.workload.name : JSON.stringify(peer);
}

function named<T extends { readonly workload?: { readonly name: string } }>(one: T): object {
  return { ...one, workload: one.workload?.name };
}

export function differenceText({ from, to, asked, declared, allowed }: Difference): string {
  return `${from} -> ${to} ${JSON.stringify(asked)}: declared ${declared}, allowed ${allowed}`;
}
