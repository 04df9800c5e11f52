/**
 * Ports of a ClusterNetworkPolicy's rule: `protocols`, each of one protocol or of a named port.
 */
import { Protocol } from '../../values/port';
import type { ClusterPort } from '../cluster';
import { field, isObject, listAt, numberAt, objectAt, textAt } from '../json';
import { describePath } from '../locate';
import type { FieldPath, Json, JsonObject, Unclear } from '../resource';

const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', Protocol.TCP],
  ['udp', Protocol.UDP],
  ['sctp', Protocol.SCTP],
]);

/** Absent: every port of every protocol. */
export function clusterPorts(
  rule: JsonObject,
  path: FieldPath,
  unclear: Unclear[],
): ClusterPort[] | undefined {
  if (field(rule, 'protocols') === undefined) return undefined;
  const given = listAt(rule, 'protocols');
  const at = [...path, 'protocols'];
  if (given.length === 0 || given.length > 25) {
    unclear.push({ path: at, why: `${describePath(at)}: expected 1 to 25 entries` });
  }
  return given.flatMap((item, index) => {
    const port = portOf(item);
    if (port !== undefined) return [port];
    const here = [...at, index];
    const why = `${describePath(here)}: expected tcp, udp or sctp with a destinationPort, or a destinationNamedPort`;
    unclear.push({ path: here, why });
    return [];
  });
}

function portOf(item: Json): ClusterPort | undefined {
  const entry = isObject(item) ? item : {};
  const [key, ...more] = Object.keys(entry);
  if (key === undefined || more.length > 0) return undefined;
  const name = textAt(entry, 'destinationNamedPort');
  if (name !== undefined) return { name };
  const protocol = PROTOCOLS.get(key);
  const body = objectAt(entry, key);
  if (protocol === undefined || !hasOnly(body, ['destinationPort'])) return undefined;
  const range = rangeOf(objectAt(body, 'destinationPort'));
  return range && { protocol, range };
}

function rangeOf(port: JsonObject): readonly [number, number] | undefined {
  const number = numberAt(port, 'number');
  if (hasOnly(port, ['number']) && isPort(number)) return [number, number];
  const range = objectAt(port, 'range');
  const [start, end] = [numberAt(range, 'start'), numberAt(range, 'end')];
  if (!hasOnly(port, ['range']) || !isPort(start) || !isPort(end) || start >= end) return undefined;
  return hasOnly(range, ['start', 'end']) ? [start, end] : undefined;
}

function isPort(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= 65535;
}

/** Whether these fields are there, and no others. */
function hasOnly(object: JsonObject, names: readonly string[]): boolean {
  const keys = Object.keys(object);
  return keys.length === names.length && keys.every((key) => names.includes(key));
}
