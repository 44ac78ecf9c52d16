import type { Change } from "../../../lab/train/pair-rates.ts";
import type { Trial } from "../../../lab/train/trial.ts";
import { table } from "../../output.ts";

/** Answer of `lintel train adapter` and `lintel train head`. */
export interface Learnt {
  readonly kind: "adapter" | "head";
  readonly people: number;
  readonly pictures: number;
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
  /** Null when it was broken off before. */
  readonly trial: Trial | null;
  /** SHA-256 of the model that is now in force; null when none was put in force. */
  readonly activated: string | null;
  readonly interrupted: boolean;
  /** Folder of the checkpoint that it can go on from. */
  readonly checkpoint: string | null;
}

export function learntText(learnt: Learnt, options: { readonly activate?: boolean }): string {
  const { kind, people, pictures, failed, trial, interrupted } = learnt;
  return [
    `${kind} from ${pictures} pictures of ${people} people${interrupted ? ", broken off" : ""}; ${failed.length} pictures were not usable`,
    ...(trial ? trialLines(trial) : []),
    outcome(learnt, options),
  ].join("\n");
}

// --- internal ---

function trialLines({ folds, genuine, impostor, door, alone, says }: Trial): string[] {
  const row = (name: string) => (change: Change) => [
    name,
    String(change.fmr),
    percent(change.before),
    percent(change.after),
    `${percent(change.interval[0])} to ${percent(change.interval[1])}`,
  ];
  const rows = [
    ["", "FMR", "FNMR without", "with", "difference, 95 %"],
    ...door.map(row("as the door compares")),
    ...alone.map(row("first embedder alone")),
  ];
  return [
    `trial on people it had not seen: ${folds} parts, ${genuine} genuine and ${impostor} impostor pairs`,
    table(rows),
    says,
  ];
}

function outcome({ activated, trial, interrupted }: Learnt, { activate }: { readonly activate?: boolean }): string {
  if (activated !== null) {
    return `in force: ${activated.slice(0, 12)}. Restart lintel, then you must calibrate: lintel calibrate. Back: lintel train rollback`;
  }
  if (interrupted || !trial?.isBetter || activate) return "nothing was put in force";
  return "to put it in force, run again with --activate";
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(2)} %`;
}
