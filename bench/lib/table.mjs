// Figures as text, and tables for a terminal and for Markdown.

export const ms = (value) => value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 1);
export const times = (value) => `${value.toFixed(value < 10 ? 1 : 0)}x`;
export const percent = (part) => `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;

/** Two cells: what was promised, and whether it was kept. */
export function budget(value, limit, unit) {
  if (limit === undefined) return ["-", ""];
  return [`${limit} ${unit}`, value <= limit ? "kept" : "MISSED"];
}

export function terminalTable({ columns, rows }) {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function markdownTable({ columns, rows }) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}
