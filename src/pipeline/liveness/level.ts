import type { CueResult, Liveness } from "../types.ts";

/** Levels at which ordinary frames are not enough. */
export type ChallengeLevel = "active" | "strict";

/**
 * The rule of `active` and `strict` over that of `passive`: a spoof stays one; `live` needs the passive rule to have said so, and the
 * challenge to have been passed; `strict` also needs the anti-spoofing networks to find a living face.
 */
export function atLevel(
  passive: Liveness,
  level: ChallengeLevel,
  /** `wasLive`: the passive rule found this very face live a moment ago. */
  { challenge, wasLive }: { challenge: CueResult; wasLive: boolean },
): Liveness {
  const cues = [...passive.cues, challenge];
  if (passive.verdict === "spoof") return { verdict: "spoof", cues };
  const hasNetwork = passive.cues.some(({ name, verdict }) => name === "network" && verdict === "live");
  const isLive =
    (passive.verdict === "live" || wasLive) && challenge.verdict === "live" && (level === "active" || hasNetwork);
  return { verdict: isLive ? "live" : "no-verdict", cues };
}

/** What the challenge adds to the cues. */
export const challengeCue = {
  passed: { name: "challenge", score: 0.9, verdict: "live", says: "the challenge was passed" },
  missing: { name: "challenge", score: 0.5, verdict: "no-verdict", says: "the challenge was not passed" },
  /** Of a recording, whatever it shows. */
  unanswerable: {
    ...{ name: "challenge", score: 0.5, verdict: "no-verdict" },
    says: "a recording cannot answer a challenge that is drawn at the door",
  },
} as const satisfies Readonly<Record<string, CueResult>>;
