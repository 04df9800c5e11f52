/** The date by which acknowledgements expire: `SOURCE_DATE_EPOCH` where it is set, else UTC. */
export function today(env: Readonly<Record<string, string | undefined>>): string {
  const epoch = Number(env['SOURCE_DATE_EPOCH']);
  const now = Number.isFinite(epoch) && epoch > 0 ? new Date(epoch * 1000) : new Date();
  return now.toISOString().slice(0, 10);
}
