/** A row and its better distance. */
export interface Refined {
  readonly row: number;
  readonly distance: number;
}

/** A row and the least that its better distance can be. */
export interface Bounded {
  readonly row: number;
  readonly least: number;
}

/**
 * The two nearest rows of different people by a better distance. Rows are taken from the one that can be nearest on, until what is left
 * cannot become second. Of two equally near ones the earlier row counts. Null where a better distance is no number: then nothing is
 * certain.
 */
export function refinedTwo(
  rows: readonly Bounded[],
  { refine, personOf }: { refine(row: number): number; personOf(row: number): number },
): { readonly first: Refined; readonly second: Refined | null } | null {
  let first: Refined | null = null;
  let second: Refined | null = null;
  for (const { row, least } of [...rows].sort((a, b) => a.least - b.least)) {
    // Rounding must not end it one row too early.
    if (second !== null && least > second.distance + 1e-6) break;
    const found: Refined = { row, distance: refine(row) };
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
