/** The objects of an API server: made, changed and removed until there are those that are wanted. */

import type { ApiClient, Manifest } from '../apiserver/api-client';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';

interface Kept {
  readonly path: string;
  readonly object: Manifest;
}

export class Objects {
  private kept: ReadonlyMap<string, Kept> = new Map();

  constructor(private readonly client: ApiClient) {}

  /** Namespaces that are not wanted any more stay: without a controller, none would ever end. */
  async become(wanted: readonly Manifest[]): Promise<void> {
    const paths = await Promise.all(wanted.map((object) => this.client.pathOf(object)));
    const next = new Map(wanted.map((object, at) => [paths[at] ?? '', object] as const));
    const gone = [...this.kept.values()].filter(({ path, object }) => {
      const other = next.get(path);
      return object['kind'] !== 'Namespace' && (other === undefined || isAnother(object, other));
    });
    await Promise.all(gone.map(({ path }) => this.sure('DELETE', path)));
    const was = new Map([...this.kept].filter(([, one]) => !gone.includes(one)));
    // of one kind all at once; policies last: those who they are about are there already
    for (const kind of ['Namespace', 'Pod', 'NetworkPolicy']) {
      const own = [...next].filter(([, object]) => object['kind'] === kind);
      await Promise.all(own.map(([path, object]) => this.put(path, object, was.get(path)?.object)));
    }
    const stays = [...was].filter(([path]) => !next.has(path));
    const made = [...next].map(([path, object]) => [path, { path, object }] as const);
    this.kept = new Map([...stays, ...made]);
  }

  private async put(path: string, object: Manifest, was: Manifest | undefined): Promise<void> {
    if (was !== undefined && text(was) === text(object)) return;
    if (was === undefined) await this.create(path, object);
    else if (object['kind'] === 'NetworkPolicy') await this.sure('PUT', path, object);
    else await this.label(path, object);
  }

  private async create(path: string, { status, ...object }: Manifest): Promise<void> {
    const { code } = await this.client.request('GET', path);
    // kube-system and the like are there from the start
    if (code === 200) return this.label(path, object);
    await this.sure('POST', `${parentOf(path)}?fieldValidation=Strict`, object);
    if (status !== undefined) await this.sure('PATCH', `${path}/status`, { status }, MERGE_PATCH);
  }

  private async label(path: string, { metadata }: Manifest): Promise<void> {
    const { labels } = metadata as { readonly labels: unknown };
    const patch = [{ op: 'add', path: '/metadata/labels', value: labels }];
    await this.sure('PATCH', path, patch, JSON_PATCH);
  }

  private async sure(method: string, path: string, body?: unknown, type?: string): Promise<void> {
    const { code, body: answer } = await this.client.request(method, path, body, type);
    if (code >= 300)
      throw new Error(`${method} ${path}: ${String(code)} ${JSON.stringify(answer)}`);
  }
}

/** Of a pod, labels alone can change. */
function isAnother(was: Manifest, is: Manifest): boolean {
  const rest = (object: Manifest): string => text({ ...object, metadata: undefined });
  return was['kind'] === 'Pod' && rest(was) !== rest(is);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
