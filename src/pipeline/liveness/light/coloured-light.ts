import type { CueResult, Liveness } from "../../types.ts";
import { type Answer, answerTo } from "./answer.ts";
import type { LightStep } from "./colours.ts";
import type { LightSample } from "./regions.ts";

/** A sequence of colours as the display had painted them, and what a face looked like meanwhile. */
export interface LightTrial {
  readonly steps: readonly LightStep[];
  readonly samples: readonly LightSample[];
}

/** Takes the next colour on. One of another challenge begins anew. */
export function withLightStep(before: LightTrial | null, step: LightStep): LightTrial {
  const isSame = before?.steps.at(-1)?.id === step.id;
  return isSame ? { ...before, steps: [...before.steps, step].slice(-lightSteps) } : { steps: [step], samples: [] };
}

/** Is a picture of that time of use? */
export function isLightDue({ steps, samples }: LightTrial, atMs: number): boolean {
  return samples.length < maxSamples && steps.some((step) => isWithin(step, atMs));
}

export function withLightSample(before: LightTrial, sample: LightSample): LightTrial {
  return { ...before, samples: [...before.samples, sample] };
}

/** The rule once every colour was shown: it may deny what the others grant, and grants nothing. Before that, nothing is changed. */
export function alsoByLight(liveness: Liveness, trial: LightTrial | null, atMs: number): Liveness {
  const last = trial?.steps.at(-1);
  if (!trial || !last || trial.steps.length < lightSteps || atMs <= last.untilMs) return liveness;
  const cue = colouredLightCue(trial);
  return { verdict: cue.verdict === "spoof" ? "spoof" : liveness.verdict, cues: [...liveness.cues, cue] };
}

/** How many colours a challenge shows. */
export const lightSteps = 4;
/** A camera needs a moment until a picture shows nothing but the new colour. */
const settleMs = 120;
const minFrames = 2;
/** Whatever a clock does. */
const maxSamples = 200;

/**
 * Growth of one channel against the others, as a part of what the room gives, below which nothing is said: the room is too bright for the
 * display. Faces of a simulated lobby answer by 0.05 to 0.4.
 */
const minAnswer = 0.04;
/** Share of what changed that the shown colours explain (correlation): nearly all of it, or the face is lit by something else. */
const inOrder = 0.8;
const outOfOrder = 0.2;
/** Whatever is behind a face gets less of the display's light than the face does, unless the face shines itself. */
const hardly = 0.5;
/** How much more the parts that look at the display answer than the sides of the head: a sheet has neither. */
const even = 1.35;

/**
 * Does the face answer the display's colours as a head does? Of everything the camera sees only the display's light changes in the order
 * that was drawn (Tang et al. 2018, Face Flashing), and by how much a place answers tells which way it looks and how near it is (Liu et al.
 * 2019, Aurora Guard). Compared with the room beside the head, so that a camera which adjusts itself changes nothing: its exposure and
 * white balance are not locked. Denies, and never grants.
 */
export function colouredLightCue({ steps, samples }: LightTrial): CueResult {
  if (steps.length < lightSteps) return unknown("not every colour was painted");
  const shown = steps.map((step) => ({
    colour: step.colour,
    samples: samples.filter(({ atMs }) => isWithin(step, atMs)),
  }));
  if (shown.some((step) => step.samples.length < minFrames)) return unknown("too few pictures of the colours");
  const all = shown.flatMap((step) => step.samples);
  if (all.some(({ room }) => room === null)) return unknown("nothing of the room beside the head to compare with");
  const front = meanAnswer(shown, (sample) => sample.front);
  const sides = meanAnswer(shown, (sample) => sample.sides);
  const body = all.some((sample) => sample.body === null)
    ? null
    : answerTo(shown, (sample) => sample.body ?? [1, 1, 1]);
  return judge({ front, sides, body });
}

// --- internal ---

function isWithin({ fromMs, untilMs }: LightStep, atMs: number): boolean {
  return atMs >= fromMs + settleMs && atMs <= untilMs;
}

interface Answers {
  readonly front: Answer;
  readonly sides: Answer;
  readonly body: Answer | null;
}

function judge({ front, sides, body }: Answers): CueResult {
  if (front.spread >= 3 * minAnswer && front.order <= outOfOrder) {
    return spoof("the face changes colour in another order than the display");
  }
  if (front.strength < minAnswer || front.order < inOrder) {
    const isBehindLit = body !== null && body.strength >= 2 * minAnswer && body.order >= inOrder;
    if (isBehindLit && front.strength < hardly * body.strength) {
      return spoof("the display lights what is behind the face, and not the face");
    }
    return unknown("the room is too bright for the display's light");
  }
  const ratio = front.strength / Math.max(sides.strength, 0.1 * front.strength);
  const says = `of the display's colours by ${ratio.toFixed(2)} times as much in the middle as at the sides`;
  if (ratio < even) return spoof(`a flat surface: it takes ${says}`);
  return { name: "coloured-light", score: 0.7, verdict: "live", says: `a head takes ${says}` };
}

function meanAnswer(
  shown: Parameters<typeof answerTo>[0],
  regionsOf: (sample: LightSample) => LightSample["front"],
): Answer {
  const count = regionsOf(shown[0]?.samples[0] ?? { front: [], sides: [], body: null, room: null, atMs: 0 }).length;
  const answers = Array.from({ length: count }, (_, n) =>
    answerTo(shown, (sample) => regionsOf(sample)[n] ?? [1, 1, 1]),
  );
  const mean = (of: (answer: Answer) => number) => answers.reduce((sum, answer) => sum + of(answer), 0) / count;
  return { strength: mean((a) => a.strength), order: mean((a) => a.order), spread: mean((a) => a.spread) };
}

/** The display's owner wants less motion: nothing was shown. */
export const lightDeclined: CueResult = unknown("the display is set to less motion, and shows no colours");

function unknown(says: string): CueResult {
  return { name: "coloured-light", score: 0.5, verdict: "no-verdict", says };
}

function spoof(says: string): CueResult {
  return { name: "coloured-light", score: 0.05, verdict: "spoof", says };
}
