/**
 * Ingress: hosts and paths that some controller serves.
 *
 * Source: kubernetes/api:networking/v1/types.go (Ingress, PathType)
 */
import type { Cluster } from '../../read/cluster';
import {
  field,
  isObject,
  labelsAt,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
  textsAt,
} from '../../read/json';
import type { FieldPath, JsonObject, Resource } from '../../read/resource';
import { Protocol } from '../../values/port';
import { classFront } from './controllers';
import type { Backend, BrokenLink, DeclaredRoute } from './declared';
import { doubts, open } from './declared';
import type { Match } from './requests';
import { routedRequests, segmentPrefix } from './requests';

export function ingressRoutes(cluster: Cluster, resource: Resource): DeclaredRoute[] {
  const spec = objectAt(resource.object, 'spec');
  const annotations = labelsAt(objectAt(resource.object, 'metadata'), 'annotations');
  const className = textAt(spec, 'ingressClassName') ?? annotations[CLASS];
  const front = classFront(cluster, className);
  const tls = objectsAt(spec, 'tls').flatMap((one) => {
    const hosts = textsAt(one, 'hosts');
    return hosts.length === 0 ? ['*'] : hosts;
  });
  const rewrites = Object.keys(annotations).some((key) => CHANGES.test(key));
  return placesOf(spec).map(({ host, match, holder, path }): DeclaredRoute => {
    const hosts = host === undefined ? [] : [host];
    const { backend, broken } = backendOf(resource, holder, path);
    const secure = tls.some((one) => one === '*' || one === host);
    return {
      entry: { resource, path },
      protocol: Protocol.TCP,
      port: secure ? 443 : 80,
      requests: routedRequests({ matches: [match], hosts, rewrites }),
      front,
      ...(backend !== undefined && { backend }),
      broken: [...doubts(resource), ...broken],
    };
  });
}

/** Older than the field, and still obeyed. */
const CLASS = 'kubernetes.io/ingress.class';

/** Annotations by which controllers send on other paths or hosts than they take. */
const CHANGES =
  /\/(?:rewrite-target|app-root|use-regex|upstream-vhost|rewrites|router\.middlewares|strip-path|path-rewrite|host-header|preserve-host|(?:configuration|server)-snippet)$/;

interface PlaceOf {
  readonly host?: string;
  readonly match: Match;
  /** Of the backend. */
  readonly holder: JsonObject;
  readonly path: FieldPath;
}

function placesOf(spec: JsonObject): PlaceOf[] {
  // extensions/v1beta1 called it `backend`
  const key = ['defaultBackend', 'backend'].find((one) => isObject(field(spec, one)));
  const otherwise: PlaceOf[] =
    key === undefined ? [] : [{ match: {}, holder: objectAt(spec, key), path: ['spec', key] }];
  const rules = objectsAt(spec, 'rules').flatMap((rule, at) =>
    objectsAt(objectAt(rule, 'http'), 'paths').map((one, index): PlaceOf => {
      const host = textAt(rule, 'host');
      return {
        ...(host !== undefined && { host }),
        match: matchOf(one),
        holder: objectAt(one, 'backend'),
        path: ['spec', 'rules', at, 'http', 'paths', index, 'backend'],
      };
    }),
  );
  return [...otherwise, ...rules];
}

function matchOf(one: JsonObject): Match {
  const path = textAt(one, 'path') ?? '/';
  const type = textAt(one, 'pathType');
  if (type === 'Exact') return { paths: [path] };
  if (type === 'Prefix') return { paths: segmentPrefix(path) };
  // up to the controller: a prefix, or an expression
  return path === '/' ? {} : { narrower: true };
}

function backendOf(
  resource: Resource,
  holder: JsonObject,
  path: FieldPath,
): { readonly backend?: Backend; readonly broken: readonly BrokenLink[] } {
  const namespace = resource.namespace ?? 'default';
  const service = objectAt(holder, 'service');
  const port = objectAt(service, 'port');
  const name = textAt(service, 'name') ?? textAt(holder, 'serviceName');
  const asked =
    numberAt(port, 'number') ??
    textAt(port, 'name') ??
    numberAt(holder, 'servicePort') ??
    textAt(holder, 'servicePort');
  if (name === undefined) {
    const kind = textAt(objectAt(holder, 'resource'), 'kind') ?? 'nothing';
    return { broken: [open('route-target', `leads to ${kind}, no Service`, { resource, path })] };
  }
  const because = {
    resource,
    path: isObject(field(holder, 'service')) ? [...path, 'service'] : path,
  };
  return {
    backend: { namespace, name, ...(asked !== undefined && { port: asked }), because },
    broken: [],
  };
}
