/**
 * The date by which flows and acknowledgements expire: `SOURCE_DATE_EPOCH` where the build is to be
 * reproducible, else the present day in UTC.
 *
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 */

import { NetpolError } from './problem';

/** ISO date, `2026-12-31`. */
export function today(): string {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  if (epoch === undefined || epoch === '') return new Date().toISOString().slice(0, 10);
  const then = new Date(Number(epoch) * 1000);
  if (!Number.isNaN(then.getTime())) return then.toISOString().slice(0, 10);
  // no line of code is to blame for an environment variable
  throw new NetpolError([
    {
      code: 'source-date-epoch',
      where: 'SOURCE_DATE_EPOCH',
      got: epoch,
      expected: 'seconds since 1970-01-01 UTC',
      fix: 'SOURCE_DATE_EPOCH=$(git log -1 --format=%ct), or leave it unset',
    },
  ]);
}
