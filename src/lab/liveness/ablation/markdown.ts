import type { Rate } from "../report.ts";
import type { CueAblation } from "./ablation.ts";

/** One table for each material. */
export function ablationMarkdown(rows: readonly CueAblation[]): string {
  return (["real", "simulated"] as const)
    .filter((material) => rows.some((row) => row.material === material))
    .map((material) => table(rows.filter((row) => row.material === material)))
    .join("\n\n");
}

// --- internal ---

const head = ["cue", "denies at the door", "people flagged (95 %)", "APCER without / with it", "attacks seen"];

function table(rows: readonly CueAblation[]): string {
  const n = rows[0]?.apcerWith.n ?? 0;
  const tracks = rows[0]?.genuineFlagged.n ?? 0;
  const cells = rows.map((row) => [
    row.cue,
    row.isGate ? "yes" : "no",
    `${row.genuineFlagged.count} (${bounds(row.genuineFlagged)})`,
    `${row.apcerWithout.count} / ${row.apcerWith.count}`,
    Object.entries(row.seenByKind)
      .filter(([, [seen]]) => seen > 0)
      .map(([kind, [seen, of]]) => `${kind} ${seen} of ${of}`)
      .join(", ") || "none",
  ]);
  const lines = [head, head.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`).join("\n");
  return `${rows[0]?.material === "real" ? "Recordings" : "Simulated"}: ${tracks} tracks of people, ${n} attacks.\n\n${lines}`;
}

function bounds({ interval: [low, high] }: Rate): string {
  return `${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)} %`;
}
