/**
 * Documents -> Kubernetes objects. Lists are taken apart; what is no Kubernetes object is named.
 *
 * An object keeps its place through its document, not by positions of its own: locate() asks the
 * document when somebody wants to know.
 */
import { field, isObject, objectAt, textAt } from './json';
import type { DocumentSource } from './locate';
import type {
  FieldPath,
  Json,
  JsonObject,
  Position,
  ReadProblem,
  Resource,
  Unclear,
} from './resource';
import type { YamlDocument } from './yaml-documents';

/** What knows where a field of a document stands: its text, or what stands in for one. */
export type Places = Pick<DocumentSource, 'file' | 'locate'>;

/** Kinds outside namespaces, besides those called Cluster…, Global…, Self…. */
const CLUSTER_SCOPED = new Set([
  'Namespace',
  'Node',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'APIService',
  'CustomResourceDefinition',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
  'RuntimeClass',
  'IngressClass',
  'GatewayClass',
]);

/** One object of a document; its positions are found when they are asked for. */
export class ReadResource implements Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Set where cdk8s recorded it; see construct-paths.ts. */
  constructPath?: string;

  constructor(
    readonly object: JsonObject,
    private readonly places: Places,
    private readonly path: FieldPath,
    readonly unclear: readonly Unclear[],
  ) {
    const metadata = objectAt(object, 'metadata');
    this.apiVersion = textAt(object, 'apiVersion') ?? '';
    this.kind = textAt(object, 'kind') ?? '';
    this.name = textAt(metadata, 'name') ?? `${textAt(metadata, 'generateName') ?? ''}*`;
    if (!isClusterScoped(this.kind)) this.namespace = textAt(metadata, 'namespace') ?? 'default';
  }

  get file(): string {
    return this.places.file;
  }

  get line(): number {
    return this.locate().line;
  }

  locate(path: FieldPath = []): Position {
    return this.places.locate([...this.path, ...path]);
  }
}

/** `networking.k8s.io` of `networking.k8s.io/v1`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

export function isClusterScoped(kind: string): boolean {
  return /^(?:Cluster|Global)[A-Z]/.test(kind) || CLUSTER_SCOPED.has(kind);
}

/** The objects of one document, and problems for what is none. */
export function resourcesOf(
  { value, source, unclear }: Omit<YamlDocument, 'source'> & { readonly source: Places },
  problems: ReadProblem[],
): ReadResource[] {
  const found: ReadResource[] = [];
  const visit = (item: Json, path: FieldPath, list: JsonObject | undefined): void => {
    // a document of comments says nothing, and so does an empty item
    if (item === null) return;
    const object = isObject(item) && list !== undefined ? withTypeOf(list, item) : item;
    if (!isObject(object) || !isNamed(object)) {
      const expected = list ?? object;
      problems.push(noObject(object, source.locate(path), !isObject(expected)));
      return;
    }
    const items = field(object, 'items');
    if (/List$/.test(textAt(object, 'kind') ?? '') && Array.isArray(items)) {
      for (const [index, each] of (items as readonly Json[]).entries()) {
        visit(each, [...path, 'items', index], object);
      }
      return;
    }
    const own = unclear.flatMap((one) => withinObject(one, path));
    const resource = new ReadResource(object, source, path, own);
    if (resource.name === '*') problems.push(noName(resource));
    else found.push(resource);
  };
  visit(value, [], undefined);
  return found;
}

/** Items of a typed list (`NetworkPolicyList`) may leave their type to it. */
function withTypeOf(list: JsonObject, item: JsonObject): JsonObject {
  const kind = textAt(list, 'kind') ?? '';
  if (kind === 'List' || textAt(item, 'kind') !== undefined) return item;
  return { apiVersion: field(list, 'apiVersion') ?? null, kind: kind.slice(0, -4), ...item };
}

function isNamed(object: JsonObject): boolean {
  return textAt(object, 'apiVersion') !== undefined && textAt(object, 'kind') !== undefined;
}

function withinObject({ path, why }: Unclear, at: FieldPath): Unclear[] {
  const inside = at.every((step, index) => path[index] === step);
  return inside ? [{ path: path.slice(at.length), why }] : [];
}

function noObject(value: Json, at: Position, isText: boolean): ReadProblem {
  const [apiVersion, kind] = isObject(value)
    ? [textAt(value, 'apiVersion'), textAt(value, 'kind')]
    : [undefined, undefined];
  const problem = {
    code: 'not-kubernetes',
    at,
    got: isObject(value) ? `a mapping of ${shortList(Object.keys(value))}` : typeOf(value),
    expected: 'a Kubernetes object: apiVersion, kind and metadata.name',
    fix: isText ? 'leave the file out' : 'add what is missing, or leave the file out',
  };
  // half an object may be a policy: somebody meant it
  if (apiVersion === undefined && kind === undefined) return problem;
  const name = isObject(value) ? textAt(objectAt(value, 'metadata'), 'name') : undefined;
  const why = 'object without apiVersion or kind';
  return { ...problem, lost: { kind: kind ?? 'unknown', name: name ?? 'unknown', at, why } };
}

function noName(resource: ReadResource): ReadProblem {
  const at = resource.locate(['metadata']);
  const { kind, namespace } = resource;
  return {
    code: 'no-name',
    at,
    got: `a ${kind} without a name`,
    expected: 'metadata.name, or metadata.generateName',
    fix: 'metadata: { name: … }',
    lost: { kind, ...(namespace && { namespace }), name: 'unknown', at, why: 'object has no name' },
  };
}

function typeOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  return JSON.stringify(value).slice(0, 80);
}

function shortList(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).join(', ');
  return keys.length > 5 ? `${shown}, …` : shown || 'nothing';
}
