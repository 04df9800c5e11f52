/** What the parts of the text report are told. */
import type { Evidence, Place } from '../../engine/result';
import type { Paint, Tone } from '../columns';
import type { ReportOptions } from '../report';
import { printable } from '../words';

export interface TextOptions extends ReportOptions {
  readonly paint: Paint;
}

export const TONES: Readonly<Record<string, Tone>> = {
  ALLOWED: 'good',
  passed: 'good',
  DENIED: 'bad',
  failed: 'bad',
  error: 'bad',
  widened: 'bad',
  UNKNOWN: 'unsure',
  unknown: 'unsure',
  warning: 'unsure',
  narrowed: 'good',
  changed: 'unsure',
  info: 'faint',
};

/** `dist/serving.k8s.yaml:12:3`, as editors and terminals take it. */
export function exactPlace({ file, line, column }: Place): string {
  return printable(`${file}:${line}:${column}`);
}

/** `NetworkPolicy llm-serving/default-deny: ingress[0] allows TCP 8000`. */
export function evidenceText({ object, rule }: Evidence): string {
  return printable(rule === undefined ? object : `${object}: ${rule}`);
}
