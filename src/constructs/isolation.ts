/**
 * What isolates the pods of somebody else's namespace: known directions, or the traffic model that
 * the platform team's repository wrote.
 */
import { fixFields } from '../values/immutable';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Direction, IsolationData } from '../traffic/data';
import { DIRECTIONS, MODEL_SCHEMA } from '../traffic/data';
import { refuse } from '../values/problem';
import { EVERYTHING } from '../values/selector';

const MODEL_FILE = 'traffic-model.jsonl';

/** In which directions pods are isolated by policies that are not ours. */
export class Isolation {
  /** Nothing isolates: grants are recorded, and written nowhere. */
  public static readonly NONE = Isolation.directions('Isolation.NONE', []);

  /** All pods are isolated for incoming traffic. */
  public static readonly INGRESS = Isolation.directions('Isolation.INGRESS', ['ingress']);

  /** All pods are isolated for outgoing traffic. */
  public static readonly EGRESS = Isolation.directions('Isolation.EGRESS', ['egress']);

  /** All pods are isolated in both directions. */
  public static readonly BOTH = Isolation.directions('Isolation.BOTH', DIRECTIONS);

  /**
   * As the traffic model file of the owner's repository says.
   *
   * @param path the file, or the folder that it was written to
   */
  public static fromTrafficModel(path: string): Isolation {
    const file = existsSync(path) && statSync(path).isDirectory() ? join(path, MODEL_FILE) : path;
    const records = readRecords(file);
    // how the file was reached differs from machine to machine; whose folder it lies in does not
    const by = `${basename(dirname(resolve(file)))}/${basename(file)}`;
    return new Isolation(by, (namespace) => isolationsOf(by, records, namespace));
  }

  private static directions(by: string, directions: readonly Direction[]): Isolation {
    return new Isolation(by, (namespace) =>
      directions.length === 0
        ? []
        : [{ namespace, pods: EVERYTHING, directions, denied: false, by }],
    );
  }

  private constructor(
    private readonly source: string,
    private readonly isolations: (namespace: string) => readonly IsolationData[],
  ) {
    fixFields(this);
  }

  /** @internal */
  public _of(namespace: string): readonly IsolationData[] {
    return this.isolations(namespace);
  }

  /** Where the isolation is known from. */
  public toString(): string {
    return this.source;
  }
}

type ModelRecord = { readonly record: string } & Readonly<Record<string, unknown>>;

function readRecords(file: string): ModelRecord[] {
  if (!existsSync(file)) {
    return refuse({
      code: 'traffic-model-missing',
      where: 'Isolation.fromTrafficModel',
      got: file,
      expected: `a ${MODEL_FILE} that the owner of the namespace wrote`,
      fix: `synthesize the platform's app first, or use Isolation.BOTH`,
    });
  }
  const lines = readFileSync(file, 'utf8').split('\n');
  const records = lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [readRecord(file, index + 1, line)],
  );
  const schema = records.find(({ record }) => record === 'model')?.['schema'];
  if (schema === MODEL_SCHEMA) return records;
  return refuse({
    code: 'traffic-model-schema',
    where: `Isolation.fromTrafficModel: ${file}`,
    got: schema,
    expected: `traffic model schema ${String(MODEL_SCHEMA)}`,
    fix: 'write the file and read it with equal versions of cdk8s-ml-netpol',
  });
}

function readRecord(file: string, number: number, line: string): ModelRecord {
  const parsed = parseObject(line);
  if (parsed !== undefined && typeof parsed['record'] === 'string') {
    return { ...parsed, record: parsed['record'] };
  }
  return refuse({
    code: 'traffic-model-line',
    where: `Isolation.fromTrafficModel: ${file}:${String(number)}`,
    got: line.slice(0, 80),
    expected: 'a JSON object with a field "record"',
    fix: 'write the file again with cdk8s synth',
  });
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The file's own types are this library's: equal schemas mean equal shapes. */
function isolationsOf(
  file: string,
  records: readonly ModelRecord[],
  namespace: string,
): readonly IsolationData[] {
  const known = records.some(({ record, name }) => record === 'namespace' && name === namespace);
  if (!known) {
    return refuse({
      code: 'traffic-model-namespace',
      where: `Isolation.fromTrafficModel: ${file}`,
      got: namespace,
      expected: 'a namespace that the file declares',
      fix: 'add the namespace to the platform’s baseline, or correct the name',
    });
  }
  return records
    .filter((one) => one.record === 'isolation' && one['namespace'] === namespace)
    .map((one) => ({ ...(one as unknown as IsolationData), denied: false, by: file }));
}
