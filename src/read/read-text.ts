/**
 * The text of one file -> objects, traffic models and problems. Pure, and never throws on content.
 */
import { resourcesOf } from './resources';
import type { ReadResult } from './result';
import type { ReadProblem, Resource } from './resource';
import type { Text } from './text';
import { textOfBytes } from './text';
import { isTrafficModel, readTrafficModel } from './traffic-model';
import { readDocuments } from './yaml-documents';

/** Everything that the text says; `file` is the name that positions carry. */
export function readText(file: string, text: string): ReadResult {
  return readDecoded(file, { text, invalid: false });
}

/** Everything that the file's bytes say. */
export function readBytes(file: string, bytes: Uint8Array): ReadResult {
  const text = textOfBytes(file, bytes);
  return 'code' in text ? { resources: [], models: [], problems: [text] } : readDecoded(file, text);
}

function readDecoded(file: string, text: Text): ReadResult {
  if (isTrafficModel(text.text)) {
    const { model, problems } = readTrafficModel(file, text.text);
    return { resources: [], models: model === undefined ? [] : [model], problems };
  }
  const { documents, problems: found } = readDocuments(file, text);
  const problems: ReadProblem[] = [...found];
  const resources: Resource[] = [];
  for (const document of documents) resources.push(...resourcesOf(document, problems));
  return { resources, models: [], problems };
}
