import { beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { createCamera } from "../../src/hal/registry.ts";
import { regionOfDetection } from "../../src/pipeline/landmarks.ts";
import { findClosures } from "../../src/pipeline/liveness/blink.ts";
import { type EyeSample, noEvidence, withMesh } from "../../src/pipeline/liveness/evidence.ts";
import { judgeClip } from "../../src/vision/judge-clip.ts";
import type { DoorNetworks } from "../../src/vision/networks.ts";
import { clipsMissing, sharedData } from "../support/shared-data.ts";
import { openTestNetworks, visionTestConfig } from "../support/vision-kit.ts";

const missing = clipsMissing();
const { limits, scheduling } = visionTestConfig;
const never = new AbortController().signal;

function clip(name: string) {
  const path = `${sharedData}/clips/${name}.mp4`;
  return createCamera(
    { driver: "replay", path, pace: "fast", loop: false },
    { logger: silentLogger, clock: systemClock },
  );
}

describe.skipIf(missing !== undefined)(`real clips${missing ? ` (left out: ${missing})` : ""}`, () => {
  let networks: DoorNetworks;
  beforeAll(async () => {
    networks = await openTestNetworks();
  });
  const judge = (name: string) => judgeClip({ networks, camera: clip(name), limits, scheduling }, never);

  it("a man who turns his head is live", async () => {
    expect(await judge("krz_real")).toMatchObject({ verdict: "live", tracks: 1 });
  });

  for (const name of ["zubair_fake", "manik_fake"]) {
    it(`a phone before the camera is never live: ${name}`, async () => {
      expect((await judge(name)).verdict).not.toBe("live");
    });
  }

  it("a man who only blinks has shown no depth", async () => {
    expect((await judge("blink_repeating")).verdict).toBe("no-verdict");
  });

  it("six blinks and two long closures are found, and nothing else", async () => {
    const camera = clip("blink_repeating");
    await camera.start(never);
    const eyes: EyeSample[] = [];
    let evidence = noEvidence;
    for (;;) {
      const frame = await camera.next(never).catch(() => null);
      if (!frame) break;
      const [face] = await networks.detector.detect(frame);
      if (!face) continue;
      const mesh = await networks.landmarks.find(frame, regionOfDetection(face));
      const next = withMesh(evidence, { mesh, atMs: frame.capturedAtMs, isVerified: false });
      if (next !== evidence) eyes.push(next.eyes.at(-1)!);
      evidence = next;
    }
    await camera.stop();
    const closures = findClosures(eyes);
    expect(closures.filter(({ isBlink }) => isBlink)).toHaveLength(6);
    expect(closures).toHaveLength(8);
  });
});
