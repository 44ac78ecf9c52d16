import type { CueResult, LivenessVerdict } from "../../../pipeline/types.ts";
import { isGenuine, type Kind } from "../presentations.ts";
import { type Rate, rateOf } from "../report.ts";

/** What the cue alone said of one visitor. */
export interface LightTried {
  readonly kind: Kind;
  readonly seed: number;
  readonly cue: CueResult;
}

export interface LightRow {
  readonly kind: Kind;
  readonly isGenuine: boolean;
  /** Of people: flagged wrongly; of attacks: seen. */
  readonly spoof: Rate;
  readonly live: number;
  readonly none: number;
}

/** A row for each kind, in the order in which they first occur. */
export function lightRows(tried: readonly LightTried[]): LightRow[] {
  return [...new Set(tried.map(({ kind }) => kind))].map((kind) => {
    const trials = tried.filter((trial) => trial.kind === kind);
    const count = (verdict: LivenessVerdict) => trials.filter(({ cue }) => cue.verdict === verdict).length;
    const spoof = rateOf(count("spoof"), trials.length);
    return { kind, isGenuine: isGenuine(kind), spoof, live: count("live"), none: count("no-verdict") };
  });
}

export function lightMarkdown(rows: readonly LightRow[]): string {
  const head = ["visitor", "n", "spoof", "95 %", "as a head", "no verdict"];
  const lines = rows.map(({ kind, spoof, live, none }) => [
    ...[kind, spoof.n, spoof.count],
    ...[`${spoof.interval.map((end) => (100 * end).toFixed(1)).join(" to ")} %`, live, none],
  ]);
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
