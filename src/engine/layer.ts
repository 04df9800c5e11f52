/** What one layer says of a connection, with what it rests on; positions are looked up by who reports. */
import type { FieldPath, Resource } from '../read/resource';
import { evidenceOf, objectName } from './evidence';
import type { LayerAnswer, VerdictWord } from './result';

export interface Because {
  readonly resource: Resource;
  readonly path?: FieldPath;
  readonly rule?: string;
}

export interface Layer extends Omit<LayerAnswer, 'by' | 'nearest'> {
  readonly by: readonly Because[];
  readonly nearest?: Because;
}

export function layerAnswer({ by, nearest, ...layer }: Layer): LayerAnswer {
  const evidence = ({ resource, path, rule }: Because) => evidenceOf(resource, path, rule);
  return {
    ...layer,
    by: by.map(evidence),
    ...(nearest === undefined ? {} : { nearest: evidence(nearest) }),
  };
}

/** Each object once. */
export function objectsOf(layers: readonly Layer[]): string[] {
  return [...new Set(layers.flatMap(({ by }) => by.map(({ resource }) => objectName(resource))))];
}

const RANKS: readonly VerdictWord[] = ['DENIED', 'UNKNOWN', 'ALLOWED'];

/** What a layer means for the whole: one that has nothing to say lets everything through. */
export function wordOf({ verdict }: Layer): VerdictWord {
  if (verdict === 'DENIED' || verdict === 'UNKNOWN') return verdict;
  return 'ALLOWED';
}

/** Every step must let it through. */
export function allWords(words: readonly VerdictWord[]): VerdictWord {
  return RANKS[Math.min(...words.map((one) => RANKS.indexOf(one)), 2)] ?? 'ALLOWED';
}

/** One of the ways is enough. */
export function anyWord(words: readonly VerdictWord[]): VerdictWord {
  return RANKS[Math.max(...words.map((one) => RANKS.indexOf(one)), 0)] ?? 'DENIED';
}
