/** What the probes of a verification reported: one JSON line each. Every line is checked. */
import type { Place } from '../engine/result';
import type { Probe, Saw, Seen } from './analysis';
import { CannotAnswer, messageOf } from './cannot-answer';
import { readText } from './files';

export function readResults(file: string): readonly Seen[] {
  const problems: string[] = [];
  const lines = readText(file).split('\n');
  const seen = lines.flatMap((line, index): Seen[] => {
    if (line.trim() === '') return [];
    const at = { file, line: index + 1, column: 1 };
    const found = seenOf(line, at);
    if (typeof found !== 'string') return [found];
    problems.push(`${file}:${index + 1}: ${found}`);
    return [];
  });
  if (problems.length > 0) throw new CannotAnswer(problems);
  return seen;
}

/** Or what is wrong with the line. */
function seenOf(line: string, at: Place): Seen | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    return `no JSON: ${messageOf(cause)}; fix: the logs of the container named probe, nothing else`;
  }
  if (!isObject(value) || !isObject(value['saw'])) return 'got no probe with what it saw';
  const { saw, ...probe } = value;
  const wrong = [
    ...['from', 'to', 'protocol', 'kind', 'expected'].filter(
      (name) => typeof probe[name] !== 'string',
    ),
    ...(typeof probe['port'] === 'number' ? [] : ['port']),
    ...(typeof probe['proxied'] === 'boolean' ? [] : ['proxied']),
    ...(typeof saw['connected'] === 'boolean' ? [] : ['saw.connected']),
    ...(typeof saw['bytes'] === 'number' ? [] : ['saw.bytes']),
  ];
  if (wrong.length > 0) return `got no ${wrong.join(', ')}, expected what the probe wrote`;
  return { probe: probe as unknown as Probe, saw: saw as unknown as Saw, at };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
