/**
 * The known name that was probably meant: equal but for case, or at most two edits away, of which a
 * letter is left; the first of equals.
 */
export function nearMiss(name: string, known: readonly string[]): string | undefined {
  const close = known
    .filter((other) => Math.abs(other.length - name.length) <= 2)
    .map((other) => ({ other, edits: editDistance(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ other, edits }) => edits <= 2 && edits < Math.min(name.length, other.length))
    .sort((a, b) => a.edits - b.edits);
  return close[0]?.other;
}

/** Levenshtein distance, O(a · b): names are short. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
