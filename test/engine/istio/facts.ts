/** Manifests as the engine gets them. */
import type { IstioFacts } from '../../../src/read/cluster';
import type { JsonObject } from '../../../src/read/resource';
import type { Manifest } from '../../naive/load-yaml';

export function istioFacts(manifest: Manifest, unclear: IstioFacts['unclear'] = []): IstioFacts {
  const { metadata, kind, apiVersion } = manifest;
  const { name, namespace = 'default', annotations } = metadata;
  const { creationTimestamp } = metadata as { creationTimestamp?: string };
  const spec = ((manifest as { spec?: unknown }).spec ?? {}) as JsonObject;
  const at = { file: 'story.yaml', line: 1, column: 1 };
  const object = { spec };
  return {
    kind,
    namespace,
    name,
    annotations: annotations ?? {},
    ...(creationTimestamp === undefined ? {} : { created: creationTimestamp }),
    spec,
    unclear,
    resource: {
      apiVersion,
      kind,
      namespace,
      name,
      object,
      file: at.file,
      line: 1,
      unclear: [],
      locate: () => at,
    },
  };
}
