import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { createCamera } from "../../src/hal/registry.ts";
import { InstalledModels } from "../../src/models/installed.ts";
import { minifasnetV1se, minifasnetV2 } from "../../src/models/minifasnet.ts";
import { fetchModel } from "../../src/models/pull.ts";
import type { Engine } from "../../src/pipeline/engine.ts";
import { noEvidence } from "../../src/pipeline/liveness/evidence.ts";
import { type NetworkLook, networkCue, withNetworkLook } from "../../src/pipeline/liveness/network.ts";
import type { CueResult, RgbImage } from "../../src/pipeline/types.ts";
import { type ClipVerdict, judgeClip } from "../../src/vision/judge-clip.ts";
import { type DoorNetworks, openConfiguredEngine, openDoorNetworks } from "../../src/vision/networks.ts";
import { clipsMissing, sharedData } from "../support/shared-data.ts";
import { visionTestConfig } from "../support/vision-kit.ts";

const missing = existsSync(`${sharedData}/models/${minifasnetV2.file}`)
  ? clipsMissing()
  : "no anti-spoofing networks beside the project (set LINTEL_SHARED)";
const never = new AbortController().signal;
const { limits, scheduling } = visionTestConfig;

describe.skipIf(missing !== undefined)(
  `the networks on real material${missing ? ` (left out: ${missing})` : ""}`,
  () => {
    let directory: string;
    let engine: Engine;
    let models: Readonly<Record<string, string>>;
    let networks: DoorNetworks;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "lintel-antispoof-"));
      const store = new InstalledModels({ cacheDirectory: directory });
      for (const network of [minifasnetV2, minifasnetV1se]) {
        await store.add(await fetchModel(network, { mirror: `${sharedData}/models` }), network.name);
      }
      const opened = await openConfiguredEngine({ ...visionTestConfig, modelCacheDirectory: directory }, silentLogger);
      expect(opened.hasAntiSpoof).toBe(true);
      ({ engine, models } = opened);
      networks = await openDoorNetworks(engine, { antiSpoof: true });
    });
    afterAll(async () => {
      await engine?.close();
      if (directory) rmSync(directory, { recursive: true });
    });

    it("the exact files that were opened are told", () => {
      expect(models["minifasnet-v2"]).toBe(minifasnetV2.accepted[1].sha256);
      expect(models["minifasnet-v1se"]).toBe(minifasnetV1se.accepted[1].sha256);
    });

    const look = async (image: RgbImage): Promise<NetworkLook | null> => {
      const [face] = await networks.detector.detect(image);
      return face && networks.antiSpoof ? networks.antiSpoof.look(image, face.box) : null;
    };

    /** What the cue says of a picture that is held before the camera for a second. */
    async function heldUp(image: RgbImage): Promise<CueResult> {
      const found = await look(image);
      expect(found).not.toBeNull();
      let evidence = noEvidence;
      for (let i = 0; found && i < 10; i++) evidence = withNetworkLook(evidence, { atMs: i * 100, look: found });
      return networkCue(evidence);
    }

    it.each([
      ["image_F1.jpg", "spoof"],
      ["image_F2.jpg", "spoof"],
      ["image_T1.jpg", "live"],
    ])("%s is %s", async (file, verdict) => {
      expect(await heldUp(await picture(`${sharedData}/spoof/${file}`))).toMatchObject({ verdict });
    });

    it("the living face without its colour is not judged", async () => {
      const { rgb, ...size } = await picture(`${sharedData}/spoof/image_T1.jpg`);
      const grey = rgb.map((_, i) => rgb[i - (i % 3) + 1] ?? 0);
      const result = await heldUp({ rgb: grey, ...size });
      expect(result).toMatchObject({ verdict: "no-verdict", says: expect.stringContaining("no colour") });
    });

    async function judge(name: string): Promise<ClipVerdict> {
      const camera = createCamera(
        { driver: "replay", path: `${sharedData}/clips/${name}.mp4`, pace: "fast", loop: false },
        { logger: silentLogger, clock: systemClock },
      );
      return judgeClip({ networks, camera, limits, scheduling }, never);
    }

    it.each(["zubair_fake", "manik_fake"])("a phone before the camera is a spoof: %s", async (name) => {
      expect((await judge(name)).verdict).toBe("spoof");
    });

    it("a man who turns his head stays live, at no moment an artefact", async () => {
      const { verdict, cues } = await judge("krz_real");
      expect(verdict).toBe("live");
      expect(cues.find(({ name }) => name === "network")).toMatchObject({ verdict: "live" });
    });

    it.each(["blink_repeating", "facenetpt_video"])("people who do not turn are no artefacts: %s", async (name) => {
      expect((await judge(name)).verdict).toBe("no-verdict");
    });

    it.each(["att", "yale", "bbt"])("of greyscale faces nothing is said: %s", async (set) => {
      let faces = 0;
      for (const person of readdirSync(`${sharedData}/faces/${set}`)) {
        const [file = ""] = readdirSync(`${sharedData}/faces/${set}/${person}`);
        const found = await look(await picture(`${sharedData}/faces/${set}/${person}/${file}`));
        if (!found) continue;
        faces++;
        expect(found.kind).toBe("unfit");
      }
      expect(faces).toBeGreaterThanOrEqual(8);
    });
  },
);

async function picture(file: string): Promise<RgbImage> {
  const { data, info } = await sharp(readFileSync(file))
    .rotate()
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${file} has ${info.channels} channels`);
  return { rgb: new Uint8Array(data), width: info.width, height: info.height };
}
