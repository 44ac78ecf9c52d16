import { systemClock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import { silentLogger } from "../../core/logger.ts";
import type { LintelConfig } from "../../daemon/config/schema.ts";

import { identityText, readIdentity } from "../../hal/camera/identity.ts";
import { createCamera, localDevice, openEngine } from "../../hal/registry.ts";
import { ModelStore } from "../../models/store.ts";
import { doorLimits } from "../../pipeline/quality.ts";
import type { Frame } from "../../pipeline/types.ts";
import { visionConfig } from "../../vision/config.ts";
import { FreshCamera, LastPicture } from "../../vision/fresh-camera.ts";
import { type DoorNetworks, openDoorNetworks } from "../../vision/networks.ts";
import type { Sighting } from "../../vision/protocol.ts";
import { type ViewProblem, viewProblem } from "../../vision/view-check.ts";
import { Watcher } from "../../vision/watcher.ts";
import { userModelCache } from "../defaults.ts";

const secondsToWait = 20;
/** As many pictures as two seconds of a usual camera have, or what a slow one (node-webcam) delivers in this time. */
const mostFrames = 30;
const watchMs = 6000;

/**
 * Opens the camera, watches for some seconds as the door would, and says in words what the operations page shows to whoever
 * aims it: size and rate of the pictures, and of every face its width, light, sharpness, turn and what each cue says. Throws
 * `LINTEL_E_HARDWARE` or `LINTEL_E_CAMERA_LOST`.
 */
export async function lookAtCamera(config: LintelConfig): Promise<string> {
  const source = new ModelStore({
    cacheDirectory: config.models.cacheDirectory ?? userModelCache(process.env),
    logger: silentLogger,
  });
  const engine = await openEngine({ ...config.compute, source, logger: silentLogger });
  try {
    return await watch(config, await openDoorNetworks(engine));
  } finally {
    await engine.close();
  }
}

/** One face in words. */
export function faceText({ face, liveness }: Pick<Sighting, "face" | "liveness">): string {
  if (!face) return "face: not measured";
  const { yawDeg, pitchDeg } = face.pose;
  const facts = [
    `${Math.round(face.faceWidthPx)} px wide`,
    `light ${Math.round(face.brightness)} of 255`,
    `sharpness ${Math.round(face.sharpness)}`,
    `turned ${Math.round(yawDeg)}°, ${Math.round(pitchDeg)}°`,
    face.reasons.length === 0 ? "fit to judge" : `not fit: ${face.reasons.join(", ")}`,
  ];
  const cues = liveness.cues.map(({ name, verdict, says }) => `${name} ${verdict}: ${says}`);
  return [`face: ${facts.join(", ")}`, `liveness ${liveness.verdict}`, ...cues].join("\n                      ");
}

// --- internal ---

const viewText: Readonly<Record<ViewProblem, { readonly says: string; readonly hint: string }>> = {
  dark: { says: "the picture is black", hint: "take the cap off the lens, or light the place before the door" },
  covered: {
    says: "the picture is one even surface",
    hint: "something covers the lens, or light shines into it: clean it, or turn it away",
  },
};

/** What a local camera may be pinned to, ready to be written; nothing where it is pinned already. */
async function identityNote(config: LintelConfig["camera"]): Promise<string> {
  const device = localDevice(config);
  if (device === undefined) return "";
  if ("identity" in config && config.identity !== undefined) return ", the device that it must be";
  return `; to let no other device take its place, camera.identity: ${identityText(await readIdentity(device))}`;
}

async function watch({ camera: config }: LintelConfig, networks: DoorNetworks): Promise<string> {
  const latest = new Map<number, Sighting>();
  const watcher = new Watcher({
    ...{ networks, limits: doorLimits, scheduling: visionConfig.parse({ modelCacheDirectory: "." }).scheduling },
    clock: systemClock,
    send: (message) => {
      if (message.type === "sighting") latest.set(message.trackId, message);
      if (message.type === "track-ended") latest.delete(message.trackId);
    },
  });
  const camera = new FreshCamera(createCamera(config, { logger: silentLogger, clock: systemClock }), {
    ...{ last: new LastPicture(), isWatched: () => true, isStill: () => false, isLit: () => false, clock: systemClock },
  });
  const deadline = AbortSignal.timeout(secondsToWait * 1000);
  try {
    await camera.start(deadline);
    let frame: Frame = await camera.next(deadline);
    const startMs = systemClock.nowMs();
    let frames = 0;
    do {
      frame = await camera.next(deadline);
      await watcher.look(frame);
      frames++;
    } while (frames < mostFrames && systemClock.nowMs() - startMs < watchMs);
    const fps = (frames * 1000) / (systemClock.nowMs() - startMs);
    const problem = viewProblem(frame);
    if (problem !== null) throw new LintelError("LINTEL_E_HARDWARE", viewText[problem].says, viewText[problem]);
    const head = `${config.driver}: ${frame.width}x${frame.height}, ${fps.toFixed(1)} frames/s${await identityNote(config)}`;
    const faces = [...latest.values()].map(faceText);
    return [head, ...(faces.length > 0 ? faces : ["no face in view"])].join("\n                    ");
  } finally {
    await camera.stop();
  }
}
