import type { AdmissionPolicy } from "../../daemon/admission/types.ts";
import type { QualityLimits } from "../../pipeline/quality.ts";
import { throughJpeg } from "../../simulation/capture.ts";
import type { Cast } from "../../simulation/cast.ts";
import { seedFor } from "../../simulation/chance.ts";
import { renderScene, Scene } from "../../simulation/scene.ts";
import type { FigureMaker } from "../../simulation/species.ts";
import type { VisionScheduling } from "../../vision/config.ts";
import type { DoorNetworks } from "../../vision/networks.ts";
import type { Sighting } from "../../vision/protocol.ts";
import { DoorRehearsal, type Verdict } from "./door-rehearsal.ts";
import { isGenuine, type Presentation } from "./presentations.ts";

export interface RehearseParts {
  readonly networks: DoorNetworks;
  readonly limits: QualityLimits;
  readonly scheduling: VisionScheduling;
  readonly policy: AdmissionPolicy;
  readonly cast: Cast;
  readonly maker: FigureMaker;
  readonly amend?: ((sighting: Sighting) => Sighting) | undefined;
  /** Default `passive`. */
  readonly level?: RehearsedLevel | undefined;
}

export type RehearsedLevel = "passive" | "active";

/** Pictures a second, and how long a visit lasts: the way in, and a little more than the door's patience. */
export const framesPerSecond = 10;
export const visitMs = 10_500;
/** With time to fail every challenge that a track is given. */
const challengedVisitMs = 26_000;

const size = { width: 640, height: 480 };
/**
 * A white display of 13 inches (0.05 m²) and 500 cd/m²: about 40 lux on a face at 0.8 m, against an office of 400. A darker hall leaves it
 * as it is, and so makes it stronger against the room (grey levels are linear light to the power of 1 / 2.2).
 */
const displayLight = 0.1;
const gamma = 2.2;

/** Plays one visit. An attack goes on after a refusal, since the next track may be judged anew; a person would ring. */
export async function rehearse(parts: RehearseParts, shown: Presentation): Promise<Verdict> {
  const { seed, exposure, noise, backlight, rollingMs, actor, as, standM } = shown;
  const isChallenged = parts.level === "active";
  const scene = new Scene(parts.cast, {
    ...{ ...size, seed, exposure, noise, backlight, rollingMs, maker: parts.maker },
    displayLight: isChallenged ? displayLight / exposure ** gamma : 0,
  });
  scene.add({ id: "visitor", actor, as, standM, enterMs: 0 });
  const challengeSeed = isChallenged ? seedFor(seed, `${shown.kind}/challenge`) : undefined;
  const door = new DoorRehearsal({
    ...{ ...parts, challengeSeed },
    ask: (prompt, atMs) => scene.ask(prompt, atMs),
    brighten: (isBright, atMs) => scene.shine(isBright ? "white" : null, atMs),
  });
  const untilMs = isChallenged ? challengedVisitMs : visitMs;
  const isLastWord = isGenuine(shown.kind) ? ["live", "spoof"] : ["live"];
  // Nobody keeps a frame: the next is rendered over it.
  const rendered = new Uint8Array(size.width * size.height * 3);
  for (let sequence = 0; (sequence * 1000) / framesPerSecond < untilMs; sequence++) {
    const capturedAtMs = (sequence * 1000) / framesPerSecond;
    const rgb = await picture(scene, capturedAtMs, { jpegQuality: shown.jpegQuality, rendered });
    await door.look({ rgb, ...size, capturedAtMs, sequence });
    if (isLastWord.includes(door.verdict.response)) break;
  }
  return door.verdict;
}

// --- internal ---

async function picture(
  scene: Scene,
  tMs: number,
  { jpegQuality, rendered }: { jpegQuality: number | null; rendered: Uint8Array },
): Promise<Uint8Array> {
  renderScene(scene, tMs, rendered);
  return jpegQuality === null ? rendered : throughJpeg({ rgb: rendered, ...size }, jpegQuality);
}
