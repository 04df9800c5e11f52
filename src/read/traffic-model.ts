/**
 * The traffic model file, `traffic-model.jsonl`: what was declared where manifests were written, one
 * JSON record a line. Types of its own: the format is a contract (docs/traffic-model.schema.json),
 * its writer is not known here.
 */
import type { ClusterFacts } from './cluster';
import { isObject, numberAt, textAt } from './json';
import { profileOf } from './profile';
import type { Json, JsonObject, Position, ReadProblem } from './resource';

/** Of records that this reader understands. */
export const MODEL_SCHEMA = 1;

const RECORDS = ['namespace', 'workload', 'isolation', 'flow', 'mesh', 'waiver'] as const;
type RecordKind = (typeof RECORDS)[number];

/** The records of one file, as they were written. */
export interface TrafficModelData {
  readonly file: string;
  readonly profile?: ClusterFacts;
  readonly records: Readonly<Record<RecordKind, readonly JsonObject[]>>;
}

/** A record needs these texts; without them it names nothing. */
const NEEDED: Readonly<Record<RecordKind, readonly string[]>> = {
  namespace: ['name'],
  workload: ['namespace', 'name'],
  isolation: ['namespace'],
  flow: ['fromName', 'toName'],
  mesh: ['kind'],
  waiver: ['flow', 'what'],
};

/** Whether text is a traffic model: its first record says so. */
export function isTrafficModel(text: string): boolean {
  return /^\uFEFF?\s*\{\s*"record"\s*:/.test(text.slice(0, 1000));
}

/** The model's records, and problems for lines that are none. */
export function readTrafficModel(
  file: string,
  text: string,
): { model?: TrafficModelData; problems: ReadProblem[] } {
  const records: Record<RecordKind, JsonObject[]> = {
    namespace: [],
    workload: [],
    isolation: [],
    flow: [],
    mesh: [],
    waiver: [],
  };
  const problems: ReadProblem[] = [];
  let schema: number | undefined;
  let profile: ClusterFacts | undefined;
  let line = 0;
  for (const source of text.split('\n')) {
    line += 1;
    if (source.trim() === '') continue;
    const record = recordOf(source);
    const kind = record && textAt(record, 'record');
    if (record !== undefined && kind === 'model') schema = numberAt(record, 'schema');
    else if (record !== undefined && kind === 'profile') profile = profileOf(record);
    else if (record !== undefined && isRecordKind(kind) && isComplete(record, kind)) {
      records[kind].push(record);
    } else problems.push(badRecord({ file, line, column: 1 }, source));
  }
  if (schema === MODEL_SCHEMA) {
    return { model: { file, ...(profile && { profile }), records }, problems };
  }
  return { problems: [wrongSchema({ file, line: 1, column: 1 }, schema)] };
}

function recordOf(source: string): JsonObject | undefined {
  try {
    const record = JSON.parse(source) as Json;
    return isObject(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecordKind(kind: string | undefined): kind is RecordKind {
  return (RECORDS as readonly (string | undefined)[]).includes(kind);
}

function isComplete(record: JsonObject, kind: RecordKind): boolean {
  return NEEDED[kind].every((key) => textAt(record, key) !== undefined);
}

function badRecord(at: Position, source: string): ReadProblem {
  return {
    code: 'model-record',
    at,
    got: source.slice(0, 80),
    expected: `a JSON record of a traffic model: ${RECORDS.join(', ')}, with its names`,
    fix: 'write the file again with MlPlatform.synth() or TrafficModel.save()',
    lost: {
      kind: 'TrafficModel',
      name: `${at.file}:${at.line}`,
      at,
      why: 'record cannot be read',
    },
  };
}

function wrongSchema(at: Position, schema: number | undefined): ReadProblem {
  const got = schema === undefined ? 'no schema number' : `schema ${schema}`;
  return {
    code: 'model-schema',
    at,
    got,
    expected: `a traffic model of schema ${MODEL_SCHEMA}`,
    fix: 'read it with the version of this package that wrote it',
    lost: { kind: 'TrafficModel', name: at.file, at, why: `traffic model with ${got}` },
  };
}
