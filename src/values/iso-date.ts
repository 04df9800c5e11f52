/** A day as text, `2027-06-30`: what expires holds through that day, in UTC. */
export function isIsoDate(text: string): boolean {
  const parsed = new Date(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(parsed.getTime()) &&
    // the 30th of February is the 2nd of March to Date
    parsed.toISOString().startsWith(text)
  );
}
