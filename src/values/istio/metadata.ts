/**
 * Metadata on which the webhook's verdict depends: annotations that only Istio, or only an
 * AuthorizationPolicy, may carry (W-01, W-02).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, validateMetadata
 */
import type { Field } from './field';
import type { IstioKind, Metadata } from './kind';

const DRY_RUN = 'istio.io/dry-run';
/** Go's strconv.ParseBool. */
const BOOLEANS = ['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'f', 'F', 'FALSE', 'false', 'False'];

export function metadataOf(root: Field): Metadata {
  const metadata = root.at('metadata');
  return {
    name: metadata.at('name').text,
    namespace: metadata.at('namespace').text || 'default',
    labels: new Map(metadata.at('labels').entries.map(([key, value]) => [key, value.text])),
  };
}

export function checkMetadata(root: Field, { kind }: IstioKind): void {
  const annotations = root.at('metadata').at('annotations');
  for (const [name, annotation] of annotations.entries) {
    if (name === DRY_RUN) checkDryRun(annotation, kind, root.at('spec').at('action').text);
    // among them a webhook that always rejects, and escalation of privileges
    if (name.startsWith('internal.istio.io/')) annotation.refuse('nothing: Istio alone sets it');
  }
}

function checkDryRun(annotation: Field, kind: string, action: string): void {
  if (kind !== 'AuthorizationPolicy' || !['', 'ALLOW', 'DENY'].includes(action)) {
    annotation.refuse('nothing but on an AuthorizationPolicy with action ALLOW or DENY');
  } else if (!BOOLEANS.includes(annotation.text)) {
    annotation.refuse('"true" or "false"');
  }
}
