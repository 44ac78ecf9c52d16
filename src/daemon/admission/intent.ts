import type { Sighting } from "../../vision/protocol.ts";
import type { AdmissionPolicy } from "./types.ts";

/**
 * Does this person want in? Asked before anybody is identified: somebody who walks past, stands far off or turns away is
 * no business of the door. Wanting in is gained by a near, frontal, not receding face inside the door's area for
 * `intentMs`; a turn of the head does not lose it (the display may have asked for one), walking off does.
 */
export interface Intent {
  /** Since when the conditions hold without a break; null while they do not. */
  readonly sinceMs: number | null;
  readonly isWanting: boolean;
  /** Since when the person wants in; null while not. */
  readonly wantingSinceMs: number | null;
  /** Largest face width of the visit so far, in pixels: who shrinks well below it is leaving. */
  readonly largestWidthPx: number;
}

export const noIntent: Intent = { sinceMs: null, isWanting: false, wantingSinceMs: null, largestWidthPx: 0 };

/** A face that shrank to this part of its largest width is receding. */
const recedingRatio = 0.75;
/** Once wanting in, the face may be this much narrower than the minimum before it counts as gone. */
const keepRatio = 0.85;

export function nextIntent(intent: Intent, sighting: Sighting, policy: AdmissionPolicy): Intent {
  const face = sighting.face;
  if (!face) return intent;
  const width = face.faceWidthPx;
  const isReceding = width < intent.largestWidthPx * recedingRatio;
  const isNear = width >= policy.minFaceWidthPx * (intent.isWanting ? keepRatio : 1);
  const isFrontal = Math.abs(face.pose.yawDeg) <= policy.maxYawDeg;
  const isInside = policy.area === null || contains(policy.area, centreOf(sighting));
  const largestWidthPx = Math.max(width, intent.largestWidthPx * 0.995);
  const holds = isNear && !isReceding && isInside && (isFrontal || intent.isWanting);
  if (!holds) return { ...noIntent, largestWidthPx };
  const sinceMs = intent.sinceMs ?? sighting.capturedAtMs;
  const isWanting = intent.isWanting || sighting.capturedAtMs - sinceMs >= policy.intentMs;
  return {
    sinceMs,
    isWanting,
    wantingSinceMs: isWanting ? (intent.wantingSinceMs ?? sighting.capturedAtMs) : null,
    largestWidthPx,
  };
}

// --- internal ---

function centreOf(sighting: Sighting): readonly [number, number] {
  const [x, y, width, height] = sighting.box;
  return [(x + width / 2) / sighting.frame.width, (y + height / 2) / sighting.frame.height];
}

/** Even-odd rule over the polygon's edges. */
function contains(polygon: readonly (readonly [number, number])[], [x, y]: readonly [number, number]): boolean {
  let isInside = false;
  let previous = polygon.at(-1);
  for (const corner of polygon) {
    if (previous) {
      const [ax, ay] = corner;
      const [bx, by] = previous;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isInside = !isInside;
    }
    previous = corner;
  }
  return isInside;
}
