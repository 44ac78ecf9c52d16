import type { CueResult, Liveness } from "../types.ts";
import { blinkCue } from "./blink.ts";
import type { Evidence } from "./evidence.ts";
import { networkCue } from "./network.ts";
import { parallaxCue } from "./parallax.ts";
import { sameFaceCue } from "./same-face.ts";

/** A cue looks at a track's evidence and at nothing else. */
export type Cue = (evidence: Evidence) => CueResult;

/** Every cue of the level `passive`, in the order in which they are reported; the network's joins them where it is installed. */
const passiveCues: readonly Cue[] = [parallaxCue, sameFaceCue, blinkCue];

/** Without these saying `live` there is no grant: depth was seen, and it was this person's depth. */
const required: readonly string[] = ["parallax", "same-face"];

/** Judges a track at the level `passive`: the network may deny, and is not asked for. */
export function judgeLiveness(evidence: Evidence): Liveness {
  const cues = evidence.network ? [...passiveCues, networkCue] : passiveCues;
  return fuse(cues.map((cue) => cue(evidence)));
}

/**
 * The rule: one cue that says `spoof` denies, whatever the others say (each cue says so only when many frames agree). `live` needs
 * every required cue; the rest support and never grant. Everything else is `no-verdict`, and the door stays shut.
 */
export function fuse(cues: readonly CueResult[]): Liveness {
  if (cues.some(({ verdict }) => verdict === "spoof")) return { verdict: "spoof", cues };
  const isGranted = required.every((name) => cues.some((cue) => cue.name === name && cue.verdict === "live"));
  return { verdict: isGranted ? "live" : "no-verdict", cues };
}
