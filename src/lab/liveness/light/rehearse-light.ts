import { drawLights } from "../../../daemon/challenge/draw.ts";
import { regionOfDetection } from "../../../pipeline/landmarks.ts";
import { colouredLightCue } from "../../../pipeline/liveness/light/coloured-light.ts";
import type { LightStep } from "../../../pipeline/liveness/light/colours.ts";
import { type LightSample, measureLight } from "../../../pipeline/liveness/light/regions.ts";
import type { CueResult } from "../../../pipeline/types.ts";
import type { Cast } from "../../../simulation/cast.ts";
import { randomFor } from "../../../simulation/chance.ts";
import { fadeMs } from "../../../simulation/door-light.ts";
import { renderScene, Scene } from "../../../simulation/scene.ts";
import type { FigureMaker } from "../../../simulation/species.ts";
import type { DoorNetworks } from "../../../vision/networks.ts";
import type { Presentation } from "../presentations.ts";
import { framesPerSecond } from "../rehearse.ts";

export interface LightParts {
  readonly networks: Pick<DoorNetworks, "detector" | "landmarks">;
  readonly cast: Cast;
  readonly maker: FigureMaker;
}

/** Whoever came stands there by then. */
const beginMs = 4_000;
/** From the end of the fade to the acknowledgement, and from there to the next colour. */
const paintMs = 60;
const heldMs = 600;
const size = { width: 640, height: 480 };

/**
 * Shows a drawn sequence of colours to a simulated visitor who stands before the door, and asks the cue alone. `displayLight`: light of
 * the display on a white surface at 0.8 m, as a part of the room's.
 */
export async function rehearseLight(
  { networks, cast, maker }: LightParts,
  shown: Presentation,
  displayLight: number,
): Promise<CueResult> {
  const { seed, exposure, noise, backlight, rollingMs, actor, as, standM } = shown;
  const scene = new Scene(cast, { ...size, seed, exposure, noise, backlight, rollingMs, displayLight, maker });
  scene.add({ id: "visitor", actor, as, standM, enterMs: 0 });
  scene.ask("hold-still", beginMs - 1_500);
  const steps = drawLights(randomFor(seed, `${shown.kind}/lights`)).map((colour, n): LightStep => {
    const atMs = beginMs + n * (fadeMs + paintMs + heldMs);
    scene.shine(colour, atMs);
    const fromMs = atMs + fadeMs + paintMs;
    return { id: "rehearsed", step: n + 1, colour, fromMs, untilMs: fromMs + heldMs };
  });
  const untilMs = steps.at(-1)?.untilMs ?? beginMs;
  const samples: LightSample[] = [];
  const rgb = new Uint8Array(size.width * size.height * 3);
  for (let tMs = beginMs; tMs <= untilMs; tMs += 1000 / framesPerSecond) {
    if (!steps.some(({ fromMs, untilMs }) => tMs >= fromMs && tMs <= untilMs)) continue;
    renderScene(scene, tMs, rgb);
    const image = { rgb, ...size, capturedAtMs: tMs, sequence: samples.length };
    const [face] = [...(await networks.detector.detect(image))].sort((p, q) => q.box.width - p.box.width);
    if (!face) continue;
    const mesh = await networks.landmarks.find(image, regionOfDetection(face));
    if (mesh.confidence >= 0.8) samples.push(measureLight(image, mesh, tMs));
  }
  return colouredLightCue({ steps, samples });
}
