/**
 * The protocols that policies and ports know. Absent means TCP everywhere in the API.
 */
import { Protocol } from '../../values/port';
import { field } from '../json';
import type { JsonObject } from '../resource';

const PROTOCOLS: ReadonlyMap<unknown, Protocol> = new Map([
  ['TCP', Protocol.TCP],
  ['UDP', Protocol.UDP],
  ['SCTP', Protocol.SCTP],
]);

/** Undefined for what is no protocol. */
export function protocolAt(object: JsonObject, key: string): Protocol | undefined {
  return PROTOCOLS.get(field(object, key) ?? 'TCP');
}
