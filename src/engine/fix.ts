/**
 * The smallest change that would allow a connection: a sentence of TypeScript where this library wrote
 * the policies, else the edit of the YAML.
 */
import type { Because, Layer } from './layer';
import { wordOf } from './layer';
import { objectName } from './evidence';
import type { Piece, Question } from './question';
import { isStranger } from './strangers';
import type { PodClass } from './pods';
import { NAME_LABEL } from './pods';
import type { PieceWay } from './ask';
import type { World } from './world';

/** Undefined: nothing that a policy could say would help. */
export function fixOf(world: World, question: Question, way: PieceWay): string | undefined {
  const denied = way.layers.filter((one) => wordOf(one) === 'DENIED');
  if (denied.length === 0) return undefined;
  const [from, to] = [classOf(world, way.from), classOf(world, way.to)];
  const isOurs = denied.flatMap(({ by }) => by).some(({ resource }) => resource.constructPath);
  if (!isOurs) {
    const edits = denied.flatMap((one) => yamlFix(one, question, { from, to, way }) ?? []);
    return edits.length === 0 ? undefined : edits.join('; ');
  }
  // one declaration writes both directions and the mesh's part
  const options = `{ ports: [${portText(question)}], reason: '...' }`;
  if (to !== undefined) return `${variable(to)}.allowFrom(${peerText(from, question)}, ${options})`;
  if (from !== undefined) {
    const cidr = question.to.kind === 'addresses' ? question.to.cidr : '';
    return `${variable(from)}.allowTo(Peer.cidr('${cidr}'), ${options})`;
  }
  return undefined;
}

function classOf({ classes }: World, piece: Piece): PodClass | undefined {
  return 'place' in piece ? classes[piece.place] : undefined;
}

function peerText(own: PodClass | undefined, { from }: Question): string {
  if (own === undefined) return `Peer.cidr('${from.kind === 'addresses' ? from.cidr : ''}')`;
  if (!isStranger(own.workload)) return variable(own);
  return `Peer.namespace('${own.workload.namespace}')`;
}

/** `model-api` -> `modelApi`: the name that code would give it. */
function variable({ workload: { name } }: PodClass): string {
  const plain = name.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) =>
    (next ?? '').toUpperCase(),
  );
  return /^[A-Za-z]/.test(plain) ? plain : `the${plain}`;
}

function portText({ protocol, port, method, path }: Question): string {
  if (protocol !== 'TCP') return `Port.${protocol.toLowerCase()}(${String(port)})`;
  const isHttp = method !== undefined || path !== undefined;
  return `Port.${isHttp ? 'http' : 'tcp'}(${String(port)})`;
}

interface Ends {
  readonly from: PodClass | undefined;
  readonly to: PodClass | undefined;
  readonly way: PieceWay;
}

function yamlFix(
  { layer, by, nearest }: Layer,
  question: Question,
  { from, to, way }: Ends,
): string | undefined {
  const target: Because | undefined = nearest ?? by.at(-1);
  if (target === undefined) return undefined;
  const object = objectName(target.resource);
  switch (layer) {
    case 'ingress':
    case 'egress': {
      if (target.resource.kind !== 'NetworkPolicy') {
        return `${object}: accept it before ${target.rule ?? 'its rules'}`;
      }
      const peer = layer === 'ingress' ? peerYaml(from, way.from) : peerYaml(to, way.to);
      const field = layer === 'ingress' ? 'from' : 'to';
      const port = `{protocol: ${question.protocol}, port: ${String(question.port)}}`;
      return `add to spec.${layer} of ${object}: {${field}: [${peer}], ports: [${port}]}`;
    }
    case 'mtls':
      return `join ${way.from.name} to the mesh, or let ${object} be PERMISSIVE`;
    case 'authorization': {
      const [denying] = by;
      if (nearest === undefined && denying?.rule !== undefined) {
        return `narrow ${objectName(denying.resource)}: ${denying.rule}`;
      }
      return `add to spec.rules of ${object}: ${ruleYaml(question, from)}`;
    }
    case 'route':
      return undefined;
  }
}

function peerYaml(own: PodClass | undefined, piece: Piece): string {
  if (own === undefined) return `{ipBlock: {cidr: ${piece.name}}}`;
  const { workload, pods } = own;
  const namespace = `namespaceSelector: {matchLabels: {${NAME_LABEL}: ${workload.namespace}}}`;
  const labels = Object.entries(pods.labels).map(([key, value]) => `${key}: ${value}`);
  const podLabels =
    labels.length === 0 ? '' : `, podSelector: {matchLabels: {${labels.join(', ')}}}`;
  return `{${namespace}${podLabels}}`;
}

function ruleYaml({ port, method, path }: Question, from: PodClass | undefined): string {
  const source =
    from === undefined
      ? ''
      : `from: [{source: {serviceAccounts: ["${from.workload.namespace}/${from.pods.serviceAccount}"]}}], `;
  const fields = [
    `ports: ["${String(port)}"]`,
    ...(method === undefined ? [] : [`methods: ["${method}"]`]),
    ...(path === undefined ? [] : [`paths: ["${path}"]`]),
  ];
  return `{${source}to: [{operation: {${fields.join(', ')}}}]}`;
}
