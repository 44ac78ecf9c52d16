import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { systemClock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import { silentLogger } from "../../core/logger.ts";
import { createCamera } from "../../hal/registry.ts";
import { type ClipParts, judgeClip } from "../../vision/judge-clip.ts";
import type { Trial } from "./report.ts";

/** A recording and what it shows. */
export interface LabelledClip {
  readonly name: string;
  readonly path: string;
  readonly isGenuine: boolean;
  /** Species of an attack, or kind of a living person. */
  readonly kind: string;
}

const labels = z.record(z.string().min(1), z.looseObject({ truth: z.string(), species: z.string().min(1).optional() }));

/**
 * The recordings of a folder that holds `labels.json`, or has it in `clips/`: file name to `{truth, species}`, where the truth begins
 * with `live` or with `spoof`, which may tell its kind in brackets. Throws `LINTEL_E_UNREADABLE`.
 */
export async function labelledClips(directory: string): Promise<LabelledClip[]> {
  const problems: string[] = [];
  for (const folder of [directory, join(directory, "clips")]) {
    try {
      const found = labels.parse(JSON.parse(await readFile(join(folder, "labels.json"), "utf8")));
      return Object.entries(found).map(([name, label]) => ({ name, path: join(folder, name), ...kindOf(name, label) }));
    } catch (error) {
      problems.push(errorText(error));
    }
  }
  throw new LintelError("LINTEL_E_UNREADABLE", `${directory} has no usable labels.json: ${problems.join("; ")}`, {
    hint: 'Write {"clip.mp4": {"truth": "live"}, "attack.mp4": {"truth": "spoof", "species": "print"}} beside the recordings.',
  });
}

/** Judges a recording as it is: nobody is asked for anything. */
export async function judgeLabelled(clip: LabelledClip, parts: Omit<ClipParts, "camera">): Promise<Trial> {
  const camera = createCamera(
    { driver: "replay", path: clip.path, pace: "fast", loop: false },
    { logger: silentLogger, clock: systemClock },
  );
  const { verdict, cues } = await judgeClip({ ...parts, camera }, new AbortController().signal);
  return {
    ...{ kind: clip.kind, isGenuine: clip.isGenuine, source: clip.name, afterMs: null },
    response: verdict === "no-verdict" ? "none" : verdict,
    says: cues.map(({ name, says }) => `${name}: ${says}`),
    deniedBy: cues.filter((cue) => cue.verdict === "spoof").map(({ name }) => name),
  };
}

// --- internal ---

function kindOf(name: string, { truth, species }: { truth: string; species?: string | undefined }) {
  if (truth.startsWith("live")) return { isGenuine: true, kind: species ?? "person" };
  const inBrackets = /^spoof\s*\(([^)]+)\)/.exec(truth)?.[1];
  if (truth.startsWith("spoof")) return { isGenuine: false, kind: species ?? inBrackets ?? "attack" };
  throw new LintelError("LINTEL_E_UNREADABLE", `${name}: the truth must begin with live or spoof, not ${truth}`);
}
