import type { NearestOther } from "../../pipeline/calibration/site-distances.ts";
import { median } from "../../pipeline/calibration/theil-sen.ts";
import type { PersonCheck } from "../api.ts";
import { atDoor, type Drift, driftOf } from "../visits/drift.ts";
import type { VisitMonth } from "../visits/month.ts";

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
  /** Entries by face, the oldest month first. */
  readonly months: readonly VisitMonth[];
}

const yearMs = 365 * 86_400_000;
/** As near to the threshold as this, a bad day is a refusal. */
const narrow = 0.05;
/** Nearer than this to somebody else: a sibling, or a chance to be mistaken. */
const lookAlike = 0.45;
const oldYears = 3;

export function checkPerson(facts: PersonFacts, now: Date): PersonCheck {
  const between = facts.templates.flatMap(({ ownDistance }) => ownDistance ?? []);
  const own = between.length === 0 ? null : median(between);
  const drift = driftOf(facts.months, facts.threshold);
  const lately = atDoor(facts.months);
  const retake = facts.templates.flatMap((template) => {
    const reason = whyRetake(template, facts);
    return reason === null ? [] : [{ template: template.id, createdAt: template.createdAt, reason }];
  });
  const usual = lately?.distance ?? own;
  const isNarrow = usual !== null && usual > facts.threshold - narrow;
  const isOld = facts.templates.every(({ createdAt }) => now.getTime() - Date.parse(createdAt) > oldYears * yearMs);
  const verdict = { isNarrow, isOld: isOld && facts.templates.length > 0 };
  return {
    person: facts.person,
    templates: facts.templates.length,
    sureness: surenessOf(usual, facts),
    threshold: facts.threshold,
    ownDistance: own,
    atDoor: lately,
    nearest: facts.nearest,
    retake,
    drift,
    isReEnrolmentAdvised:
      facts.templates.length === 0 || drift !== null || (isNarrow && lately !== null) || verdict.isOld,
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

function adviceFor(
  { person, templates, nearest, threshold }: PersonFacts,
  found: {
    readonly isNarrow: boolean;
    readonly isOld: boolean;
    readonly drift: Drift | null;
    readonly retake: number;
  },
): string[] {
  const advice: string[] = [];
  if (templates.length === 0) advice.push(`No picture of ${person} can be used: enrol anew.`);
  if (found.drift) advice.push(driftText(person, found.drift));
  else if (found.isNarrow) {
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

function driftText(person: string, { early, recent, since, until, perMonth, refusedFrom }: Drift): string {
  const risen = `${early.toFixed(2)} (${monthText(since)}) to ${recent.toFixed(2)} (${monthText(until)})`;
  const rate = `by ${perMonth.toFixed(3)} a month`;
  return `The distance of ${person} has risen from ${risen}, ${rate}; at this rate the door begins to refuse them about ${monthText(refusedFrom)}: take a new picture.`;
}

function monthText(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en-GB", {
    ...{ month: "long", year: "numeric", timeZone: "UTC" },
  });
}
