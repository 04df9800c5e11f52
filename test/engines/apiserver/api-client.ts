/** Just enough of a Kubernetes client: requests, server-side apply, and waiting for CRDs. */

import https from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** A manifest as data. */
export type Manifest = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly code: number;
  /** Parsed where it is JSON. */
  readonly body: unknown;
  /** What kubectl would print as `Warning: …`. */
  readonly warnings: string;
}

/** Whether the API server takes an object, and in what words it does not. */
export interface Verdict {
  readonly accepted: boolean;
  readonly message: string;
  readonly warnings: string;
}

interface Address {
  readonly port?: number;
  readonly socket?: string;
  readonly ca: Buffer;
  readonly token: string;
}

interface ApiResource {
  readonly kind: string;
  readonly name: string;
  readonly namespaced: boolean;
}

const JSON_TYPE = 'application/json';
const STRICT = 'fieldValidation=Strict&fieldManager=engines';

export class ApiClient {
  private readonly agent: https.Agent;
  private readonly resources = new Map<string, Promise<readonly ApiResource[]>>();
  private readonly namespaces = new Map<string, Promise<unknown>>();

  constructor(private readonly address: Address) {
    this.agent = new https.Agent({ keepAlive: true, maxSockets: 8, ca: address.ca });
  }

  /** `body` is sent as JSON; a string as it is. */
  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType = JSON_TYPE,
  ): Promise<Answer> {
    const { port, socket, token } = this.address;
    const sent = https.request({
      ...(socket === undefined ? { host: '127.0.0.1', port } : { socketPath: socket }),
      // the server signs its certificate itself: being signed by it says who it is
      checkServerIdentity: () => undefined,
      ...{ method, path, agent: this.agent },
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': contentType }),
      },
    });
    const answer = new Promise<Answer>((resolve, reject) => {
      sent.once('error', reject);
      sent.once('response', (response) => {
        text(response).then((content) => {
          const { statusCode = 0, headers } = response;
          const isJson = headers['content-type']?.startsWith(JSON_TYPE) ?? false;
          const warnings = String(headers['warning'] ?? '');
          resolve({ code: statusCode, body: isJson ? JSON.parse(content) : content, warnings });
        }, reject);
      });
    });
    sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    return answer;
  }

  /** Server-side apply for good; an Error when it is refused. */
  async apply(object: Manifest): Promise<void> {
    const { accepted, message } = await this.patch(object, '');
    if (!accepted) throw new Error(`${nameOf(object)}: ${message}`);
  }

  /**
   * Would server-side apply take it? Nothing is kept. `text` is its YAML, where the server shall
   * read that itself.
   */
  async dryRunApply(object: Manifest, text?: string): Promise<Verdict> {
    await this.makeNamespace(object);
    return this.patch(object, '&dryRun=All', text);
  }

  /** Would create take it? Nothing is kept. */
  async dryRunCreate(object: Manifest): Promise<Verdict> {
    await this.makeNamespace(object);
    const path = await this.collectionOf(object);
    if (path === undefined) return refusal(`no kind ${String(object['kind'])}`);
    return verdictOf(await this.request('POST', `${path}?${STRICT}&dryRun=All`, object));
  }

  /** Whether the server knows the object's kind. */
  async serves(object: Manifest): Promise<boolean> {
    return (await this.collectionOf(object)) !== undefined;
  }

  /** Applies CRDs, and waits until their kinds are served. */
  async applyCustomResourceDefinitions(definitions: readonly Manifest[]): Promise<void> {
    await Promise.all(definitions.map((definition) => this.apply(definition)));
    for (const definition of definitions) {
      const path = await this.pathOf(definition);
      for (let tries = 0; !isEstablished((await this.request('GET', path)).body); tries += 1) {
        if (tries > 200) throw new Error(`${nameOf(definition)} is not served after 10 s`);
        await sleep(50);
      }
    }
    this.resources.clear();
  }

  /** `/apis/networking.k8s.io/v1/namespaces/ml/networkpolicies/a`; an Error for an unknown kind. */
  async pathOf(object: Manifest): Promise<string> {
    const path = await this.collectionOf(object);
    if (path === undefined) throw new Error(`no kind ${nameOf(object)}`);
    return `${path}/${encodeURIComponent(String(metadataOf(object)['name']))}`;
  }

  private async patch(object: Manifest, more: string, text?: string): Promise<Verdict> {
    const path = `${await this.pathOf(object)}?${STRICT}&force=true${more}`;
    const body = text ?? JSON.stringify(object);
    return verdictOf(await this.request('PATCH', path, body, 'application/apply-patch+yaml'));
  }

  private async collectionOf(object: Manifest): Promise<string | undefined> {
    const version = String(object['apiVersion']);
    const base = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
    const resources = this.resources.get(base) ?? this.discover(base);
    this.resources.set(base, resources);
    const found = (await resources).find(
      ({ kind, name }) => kind === object['kind'] && !name.includes('/'),
    );
    if (found === undefined) return undefined;
    const namespace = encodeURIComponent(namespaceOf(object));
    return found.namespaced
      ? `${base}/namespaces/${namespace}/${found.name}`
      : `${base}/${found.name}`;
  }

  private async discover(base: string): Promise<readonly ApiResource[]> {
    const { code, body } = await this.request('GET', base);
    return code === 200 ? (body as { resources: readonly ApiResource[] }).resources : [];
  }

  /** Objects in a namespace that is not there would be refused for that alone. */
  private async makeNamespace(object: Manifest): Promise<void> {
    const name = namespaceOf(object);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    const made = this.namespaces.get(name) ?? this.request('POST', '/api/v1/namespaces', namespace);
    this.namespaces.set(name, made);
    await made; // a name that no namespace can have is the object's fault, and is refused with it
  }
}

function verdictOf({ code, body, warnings }: Answer): Verdict {
  if (code < 300) return { accepted: true, message: '', warnings };
  const { message } = body as { readonly message?: unknown };
  return { ...refusal(typeof message === 'string' ? message : JSON.stringify(body)), warnings };
}

function refusal(message: string): Verdict {
  return { accepted: false, message, warnings: '' };
}

function isEstablished(body: unknown): boolean {
  const { status } = body as {
    readonly status?: { readonly conditions?: readonly { type: string; status: string }[] };
  };
  const conditions = status?.conditions ?? [];
  return conditions.some(({ type, status: is }) => type === 'Established' && is === 'True');
}

function metadataOf(object: Manifest): Manifest {
  const metadata = object['metadata'];
  return typeof metadata === 'object' && metadata !== null ? (metadata as Manifest) : {};
}

function namespaceOf(object: Manifest): string {
  const namespace = metadataOf(object)['namespace'];
  return typeof namespace === 'string' && namespace !== '' ? namespace : 'default';
}

function nameOf(object: Manifest): string {
  return `${String(object['apiVersion'])} ${String(object['kind'])} ${String(metadataOf(object)['name'])}`;
}
