/** The custom kinds that the library writes or reads, as ../shared/crds has them. */

import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { sharedPath } from '../../shared';
import type { Manifest } from './api-client';

export function customResourceDefinitions(): Manifest[] {
  const folder = sharedPath('crds');
  return readdirSync(folder).flatMap((file) =>
    parseAllDocuments(readFileSync(`${folder}/${file}`, 'utf8'))
      .map((document) => document.toJS() as Manifest | null)
      .filter((object): object is Manifest => object?.['kind'] === 'CustomResourceDefinition'),
  );
}
