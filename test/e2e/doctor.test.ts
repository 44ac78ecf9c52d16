import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../src/simulation/roles.ts";
import { hasProgram } from "../support/camera-kit.ts";
import { root } from "../support/daemon.ts";
import { DoorRig } from "../support/door-rig.ts";

interface Found {
  readonly code: number;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

describe("lintel doctor", () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await DoorRig.prepare();
  });
  afterAll(() => rig?.stop());

  const doctor = (...args: string[]) =>
    new Promise<Found>((resolve) => {
      const all = [join(root, "dist/cli/main.js"), "doctor", "--json", "--config", rig.configFile, ...args];
      execFile(process.execPath, all, { timeout: 60_000 }, (error, stdout) =>
        resolve({ code: Number(error?.code ?? 0), ...JSON.parse(stdout) }),
      );
    });
  const detailOf = ({ checks }: Found, name: string) => checks.find((one) => one.name === name)?.detail;

  it("finds an installation that works in order, and tells the installer what the camera makes of a face", async () => {
    rig.enter({ id: "alice", actor: roles.enrolled, standM: 0.8 });
    try {
      // Walks up meanwhile: looked at until she stands there.
      let found = await doctor("--camera");
      for (let again = 0; again < 3 && !detailOf(found, "camera")?.includes("px wide"); again++)
        found = await doctor("--camera");
      expect({ code: found.code, failed: found.checks.filter(({ ok }) => !ok) }).toEqual({ code: 0, failed: [] });
      expect(detailOf(found, "camera")).toMatch(
        /simulated: 640x480, [\d.]+ frames\/s\s+face: \d+ px wide, light \d+ of 255/,
      );
      expect(detailOf(found, "camera")).toContain("parallax");
      expect(detailOf(found, "engine")).toMatch(
        /^onnx on \w+.*, self-test of four networks passed, off by at most \de-\d+ of their range/,
      );
    } finally {
      await rig.clear();
    }
  });

  it.skipIf(!hasProgram("ffmpeg"))("is patient with a camera of one picture a second (needs ffmpeg)", async () => {
    rig.configure({ camera: { driver: "ffmpeg", source: "TEST:", fps: 1, width: 640, height: 480 } });
    const found = await doctor("--camera");
    rig.configure();
    expect(detailOf(found, "camera")).toMatch(/^ffmpeg: 640x480, [\d.]+ frames\/s/);
  });

  it("says what to do about a camera that is not there, and ends with the code for hardware", async () => {
    rig.configure({
      camera: { driver: "simulated", socket: join(rig.folder, "absent.sock"), width: 640, height: 480 },
    });
    const found = await doctor("--camera");
    rig.configure();
    expect(found.code).toBe(69);
    expect(found.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["camera"]);
    expect(detailOf(found, "camera")).toContain(" - ");
  });

  it.skipIf(!hasProgram("ffmpeg")).each([
    ["a stream that is stuck", "color=c=gray:s=640x480:r=15", "the same picture for 5 s"],
    ["a lens with its cap on", "color=c=black:s=640x480:r=15,noise=alls=6:allf=t", "the picture is black"],
  ])("says what is wrong with %s (needs ffmpeg)", async (_name, scene, expected) => {
    const clip = join(rig.folder, "scene.avi");
    const made = ["-y", "-v", "error", "-f", "lavfi", "-i", scene, "-t", "3", "-c:v", "ffv1", clip];
    expect(spawnSync("ffmpeg", made).stderr.toString()).toBe("");
    rig.configure({ camera: { driver: "ffmpeg", source: clip, loop: true, width: 640, height: 480 } });
    const found = await doctor("--camera");
    rig.configure();
    expect(found.code).toBe(69);
    expect(detailOf(found, "camera")).toMatch(new RegExp(`${expected}.* - `));
  });

  it("names every wrong key of a configuration and looks no further", async () => {
    writeFileSync(rig.configFile, "door: { openSeconds: 900 }\nlobbby: {}\n");
    const found = await doctor();
    rig.configure();
    expect(found.code).toBe(78);
    expect(found.checks).toHaveLength(1);
    expect(found.checks[0]?.detail).toMatch(/door\.openSeconds.*lobbby/s);
  });
});
