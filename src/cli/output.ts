/** With `--json` exactly one JSON document on standard output; without, text for people. Everything else goes to stderr. */
export function print(options: { json?: boolean | undefined }, document: unknown, text: () => string): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(document)}\n` : `${text()}\n`);
}

/** Columns padded to their widest cell; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
