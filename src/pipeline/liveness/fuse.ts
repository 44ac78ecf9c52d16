import type { CueResult, Liveness } from "../types.ts";
import { blinkCue } from "./blink.ts";
import { carrierCue } from "./carrier.ts";
import type { Evidence } from "./evidence.ts";
import { evidenceQualityCue } from "./evidence-quality.ts";
import { denialOf, type FittedModel } from "./fitted.ts";
import { networkCue } from "./network.ts";
import { parallaxCue } from "./parallax.ts";
import { sameFaceCue } from "./same-face.ts";
import { secondRectangleCue } from "./second-rectangle.ts";

/** A cue looks at a track's evidence and at nothing else. */
export type Cue = (evidence: Evidence) => CueResult;

/** Every cue of the level `passive`, in the order in which they are reported; those of the pixels join them where pixels were looked at. */
const passiveCues: readonly Cue[] = [evidenceQualityCue, parallaxCue, sameFaceCue, blinkCue];

/** Without these saying `live` there is no grant: enough was seen, it showed depth, and it was this person's depth. */
const required: readonly string[] = ["evidence", "parallax", "same-face"];

/** Judges a track at the level `passive`: the network may deny, and is not asked for. So may a model that was fitted for this door. */
export function judgeLiveness(evidence: Evidence, fitted?: FittedModel): Liveness {
  const cues = [
    ...passiveCues,
    ...(evidence.edges ? [carrierCue, secondRectangleCue] : []),
    ...(evidence.network ? [networkCue] : []),
  ];
  const byRule = fuse(cues.map((cue) => cue(evidence)));
  return fitted ? askFitted(byRule, fitted) : byRule;
}

/** Whatever the rule does not grant stays as it is. */
export function askFitted(byRule: Liveness, fitted: FittedModel): Liveness {
  const denial = byRule.verdict === "live" ? denialOf(byRule.cues, fitted) : null;
  return denial ? { verdict: denial.verdict, cues: [...byRule.cues, denial] } : byRule;
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
