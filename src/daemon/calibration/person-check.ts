import type { NearestOther } from "../../pipeline/calibration/site-distances.ts";
import type { PersonCheck } from "../api.ts";

/** Pure: from what is known about one person to sentences for people. */

export interface TemplateFacts {
  readonly id: number;
  readonly createdAt: string;
  /** As measured at enrolment; a measure that is missing is not judged. */
  readonly quality: Readonly<Record<string, number>>;
  /** To the nearest other template of the person; null for the only one. */
  readonly ownDistance: number | null;
  /** To the nearest template of anybody else; null when there is nobody else. */
  readonly otherDistance: number | null;
}

export interface PersonFacts {
  readonly person: string;
  readonly threshold: number;
  readonly templates: readonly TemplateFacts[];
  readonly nearest: NearestOther | null;
  /** Entries by face, oldest first. */
  readonly entries: readonly { readonly time: string; readonly distance: number }[];
}

/** Entries on either side before a median is believed. */
const enoughEntries = 8;
const monthMs = 30 * 86_400_000;
/** A median that moved by so much is more than the scatter of single looks (0.03 to 0.05). */
const noticeableDrift = 0.04;
/** As near to the threshold as this, a bad day is a refusal. */
const narrow = 0.05;
/** Nearer than this to somebody else: a sibling, or a chance to be mistaken. */
const lookAlike = 0.45;
const oldYears = 3;

export function checkPerson(facts: PersonFacts, now: Date): PersonCheck {
  const own = median(facts.templates.flatMap(({ ownDistance }) => ownDistance ?? []));
  const drift = driftOf(facts.entries);
  const retake = facts.templates.flatMap((template) => {
    const reason = whyRetake(template, facts);
    return reason === null ? [] : [{ template: template.id, createdAt: template.createdAt, reason }];
  });
  const usual = drift?.recent ?? own;
  const isDrifting = drift !== null && drift.recent - drift.early > noticeableDrift;
  const isNarrow = usual !== null && usual > facts.threshold - narrow;
  const isOld = facts.templates.every(
    ({ createdAt }) => now.getTime() - Date.parse(createdAt) > oldYears * 12 * monthMs,
  );
  const verdict = { isDrifting, isNarrow, isOld: isOld && facts.templates.length > 0 };
  return {
    person: facts.person,
    templates: facts.templates.length,
    sureness: surenessOf(usual, facts),
    threshold: facts.threshold,
    ownDistance: own,
    nearest: facts.nearest,
    retake,
    drift,
    isReEnrolmentAdvised: facts.templates.length === 0 || isDrifting || (isNarrow && drift !== null) || verdict.isOld,
    advice: adviceFor(facts, { ...verdict, drift, retake: retake.length }),
  };
}

// --- internal ---

function surenessOf(usual: number | null, { threshold, nearest }: PersonFacts): PersonCheck["sureness"] {
  if (usual === null) return "unknown";
  if (usual > threshold - 0.02 || (nearest !== null && nearest.distance < threshold)) return "unsure";
  return usual > threshold - 2 * narrow || (nearest !== null && nearest.distance < lookAlike) ? "fair" : "sure";
}

function whyRetake(template: TemplateFacts, { threshold, templates }: PersonFacts): string | null {
  const { ownDistance, otherDistance, quality } = template;
  if (ownDistance !== null && otherDistance !== null && otherDistance < ownDistance) {
    return "somebody else's picture is nearer to it than the person's own: it may show the wrong person";
  }
  if (ownDistance !== null && templates.length > 2 && ownDistance > threshold) {
    return "it is far from the person's other pictures";
  }
  return whyPoor(quality);
}

function whyPoor(quality: Readonly<Record<string, number>>): string | null {
  const { faceWidthPx = 200, sharpness = 200, brightness = 128, yawDeg = 0, pitchDeg = 0 } = quality;
  if (faceWidthPx < 80) return `the face is small (${Math.round(faceWidthPx)} pixels wide)`;
  if (sharpness < 40) return "it is blurred";
  if (brightness < 45) return "it is dark";
  if (brightness > 215) return "it is too bright";
  if (Math.abs(yawDeg) > 25 || Math.abs(pitchDeg) > 22) return "the head is turned away";
  return null;
}

/** The first month of entries against the last. */
function driftOf(entries: PersonFacts["entries"]): PersonCheck["drift"] {
  const first = entries[0];
  const last = entries.at(-1);
  if (!first || !last || Date.parse(last.time) - Date.parse(first.time) < 2 * monthMs) return null;
  const earlyUntil = Date.parse(first.time) + monthMs;
  const recentFrom = Date.parse(last.time) - monthMs;
  const early = entries.filter(({ time }) => Date.parse(time) <= earlyUntil);
  const recent = entries.filter(({ time }) => Date.parse(time) >= recentFrom);
  if (early.length < enoughEntries || recent.length < enoughEntries) return null;
  const middle = (some: typeof entries): number => median(some.map(({ distance }) => distance)) ?? 0;
  return { early: middle(early), recent: middle(recent), entries: entries.length, since: first.time };
}

function adviceFor(
  { person, templates, nearest, threshold }: PersonFacts,
  found: {
    readonly isDrifting: boolean;
    readonly isNarrow: boolean;
    readonly isOld: boolean;
    readonly drift: PersonCheck["drift"];
    readonly retake: number;
  },
): string[] {
  const advice: string[] = [];
  if (templates.length === 0) advice.push(`No picture of ${person} can be used: enrol anew.`);
  if (found.isDrifting && found.drift) {
    const { early, recent } = found.drift;
    advice.push(
      `The face at the door has moved away from the pictures (${early.toFixed(2)} at first, ${recent.toFixed(2)} lately): enrol anew.`,
    );
  } else if (found.isNarrow) {
    advice.push("The door only just recognises this person: add pictures from the door's own camera.");
  }
  if (found.isOld) advice.push(`All pictures are more than ${oldYears} years old: enrol anew.`);
  if (nearest !== null && nearest.distance < lookAlike) {
    const stricter = nearest.distance <= threshold + narrow ? "; ask both for a second factor" : "";
    advice.push(`Looks like ${nearest.person} (${nearest.distance.toFixed(2)} apart)${stricter}.`);
  }
  if (templates.length === 1) advice.push("There is one picture only: two or three more, in other light, help most.");
  if (found.retake > 0) advice.push(found.retake === 1 ? "Retake one picture." : `Retake ${found.retake} pictures.`);
  return advice;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((p, q) => p - q);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
