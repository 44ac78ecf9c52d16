import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { InstalledModels } from "../../src/models/installed.ts";
import { minifasnetV1se, minifasnetV2 } from "../../src/models/minifasnet.ts";
import { fetchModel } from "../../src/models/pull.ts";
import { DoorRig } from "../support/door-rig.ts";
import { testModelCache } from "../support/model-cache.ts";
import { clipsMissing, sharedData } from "../support/shared-data.ts";

const missing = existsSync(`${sharedData}/models/${minifasnetV2.file}`)
  ? clipsMissing()
  : "no anti-spoofing networks beside the project (set LINTEL_SHARED)";
const outcomes = ["granted", "denied", "spoof", "unknown"];

/** The test's compiled networks, and both anti-spoofing networks installed beside them. */
async function modelsIn(folder: string): Promise<string> {
  const cacheDirectory = join(folder, "models");
  mkdirSync(cacheDirectory);
  for (const name of readdirSync(testModelCache)) {
    if (name.endsWith(".model")) symlinkSync(join(testModelCache, name), join(cacheDirectory, name));
  }
  const store = new InstalledModels({ cacheDirectory });
  for (const network of [minifasnetV2, minifasnetV1se]) {
    await store.add(await fetchModel(network, { mirror: `${sharedData}/models` }), network.name);
  }
  return cacheDirectory;
}

/** One picture of a recording, as JPEG. */
function pictureOf(clip: string, frame: number): Buffer {
  const { stdout, status, stderr } = spawnSync(
    "ffmpeg",
    ["-v", "error", "-i", clip, "-vf", `select=eq(n\\,${frame})`, "-frames:v", "1", "-f", "mjpeg", "-q:v", "2", "-"],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

describe.skipIf(missing !== undefined)(
  `a door at level strict, with its networks${missing ? ` (left out: ${missing})` : ""}`,
  () => {
    let rig: DoorRig | undefined;
    afterEach(() => rig?.stop());

    async function openRig(camera?: object): Promise<DoorRig> {
      const opened = await DoorRig.prepare({ hasWorld: camera === undefined });
      rig = opened;
      const cacheDirectory = await modelsIn(opened.folder);
      opened.configure({
        // Faces in the recordings are small, for all that they are near.
        door: { id: "rig", openSeconds: 1, restSeconds: 0, minFaceWidthPx: 60 },
        liveness: { level: "strict" },
        models: { cacheDirectory },
        ...(camera === undefined ? {} : { camera }),
      });
      await opened.startDaemon();
      await opened.untilHealthy();
      return opened;
    }

    /** The door looks at a recording, and knows the face in one of its pictures. */
    async function watching(name: string, frame: number): Promise<DoorRig> {
      const path = join(sharedData, "clips", name);
      const door = await openRig({ driver: "replay", path, loop: true });
      await door.listen(outcomes);
      const photos = [pictureOf(path, frame).toString("base64")];
      expect(await door.ask("people/add", { id: "known", name: "Known", photos })).toMatchObject({ templates: 1 });
      return door;
    }

    it("opens for a drawn person who does what is asked, and whom its networks take for alive", async () => {
      const door = await openRig();
      await door.enrolAlice();
      const mark = await door.mark();
      expect(await door.letAliceIn()).toMatchObject({ type: "granted", person: "alice" });
      await door.opened(mark);
      expect(door.shown.some(({ challenge }) => challenge?.isRunning)).toBe(true);
    }, 90_000);

    it.each([
      ["shows the face of somebody it knows", "zubair_fake.mp4", 60],
      ["plays a video of somebody it knows", "manik_fake.mp4", 20],
    ])(
      "refuses a phone that %s",
      async (_what, clip, frame) => {
        const door = await watching(clip, frame);
        const { event } = await door.listen(outcomes, 45_000);
        expect(await event).toMatchObject({ type: "spoof" });
        expect(await door.openings()).toEqual([]);
      },
      90_000,
    );

    it("refuses the recording of a living person, which does not do what is asked", async () => {
      const door = await watching("krz_real.mp4", 5);
      const { event } = await door.listen(outcomes, 60_000);
      expect(await event).toMatchObject({ type: "denied", reason: "challenge-failed", person: "known" });
      expect(door.shown.some(({ challenge }) => challenge?.isRunning)).toBe(true);
      expect(await door.openings()).toEqual([]);
    }, 90_000);
  },
);
