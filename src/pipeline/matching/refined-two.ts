/** A row and its better distance. */
export interface Refined {
  readonly row: number;
  readonly distance: number;
}

/**
 * The two nearest rows of different people by a better distance, among rows with the one they are known by. A better distance is at most
 * `maxGain` below the known one: so rows are taken from the nearest on, until what is left cannot become second. Of two equally near
 * ones the earlier row counts. Null where a better distance is no number: then nothing is certain.
 */
export function refinedTwo(
  rows: readonly Refined[],
  { maxGain, refine, personOf }: { maxGain: number; refine(row: number): number; personOf(row: number): number },
): { readonly first: Refined; readonly second: Refined | null } | null {
  let first: Refined | null = null;
  let second: Refined | null = null;
  for (const known of [...rows].sort((a, b) => a.distance - b.distance)) {
    // Rounding must not end it one row too early.
    if (second !== null && known.distance - maxGain > second.distance + 1e-6) break;
    const found: Refined = { row: known.row, distance: refine(known.row) };
    if (Number.isNaN(found.distance)) return null;
    if (first === null || isNearer(found, first)) {
      if (first !== null && personOf(first.row) !== personOf(found.row)) second = first;
      first = found;
    } else if (personOf(found.row) !== personOf(first.row) && (second === null || isNearer(found, second))) {
      second = found;
    }
  }
  return first && { first, second };
}

// --- internal ---

function isNearer(a: Refined, b: Refined): boolean {
  return a.distance < b.distance || (a.distance === b.distance && a.row < b.row);
}
