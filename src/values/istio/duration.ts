/**
 * Durations as Istio reads them, in JSON and in CEL alike: Go's `time.ParseDuration`.
 *
 * Envoy counts milliseconds, so the webhook wants whole ones, at least one.
 * Source: istio/istio:pkg/config/validation/agent/validation.go, ValidateDuration
 */
import type { Field } from './field';

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const MILLISECOND = 1_000_000n;
const WHOLE = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const PART = /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g;

/** Nanoseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): bigint | undefined {
  if (!WHOLE.test(text)) return undefined;
  let total = 0n;
  for (const [, integer = '', fraction = '', unit = ''] of text.matchAll(PART)) {
    const nanoseconds = NANOSECONDS[unit] ?? 0n;
    const scale = 10n ** BigInt(fraction.length);
    total += BigInt(integer || '0') * nanoseconds;
    total += (BigInt(fraction || '0') * nanoseconds) / scale;
  }
  return text.startsWith('-') ? -total : total;
}

/** The CRD's rule: a duration of at least one millisecond. */
export function isDuration(text: string): boolean {
  const nanoseconds = parseDuration(text);
  return nanoseconds !== undefined && nanoseconds >= MILLISECOND;
}

/** The webhook's rule for a duration, where one is set. */
export function checkDuration(field: Field): void {
  if (!field.isSet) return;
  const nanoseconds = parseDuration(field.text);
  if (nanoseconds === undefined || nanoseconds < MILLISECOND || nanoseconds % MILLISECOND !== 0n) {
    field.refuse('a duration of whole milliseconds, at least 1ms, such as 500ms or 1m30s');
  }
}

/** As `checkDuration`, for fields where zero switches the timeout off. */
export function checkDurationOrZero(field: Field): void {
  const nanoseconds = parseDuration(field.text);
  // istio: `AsDuration().Milliseconds() != 0` guards the check, so less than 1ms counts as zero
  if (nanoseconds !== undefined && nanoseconds / MILLISECOND === 0n) return;
  checkDuration(field);
}
