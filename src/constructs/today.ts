/**
 * The date by which flows expire: `SOURCE_DATE_EPOCH` where the build is to be reproducible,
 * else the present day in UTC.
 *
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 */

/** ISO date, `2026-12-31`. */
export function today(): string {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const now = epoch === undefined || epoch === '' ? new Date() : new Date(Number(epoch) * 1000);
  return now.toISOString().slice(0, 10);
}
