import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { lintelConfig } from "../../../../src/daemon/config/schema.ts";
import { visionSettingsOf } from "../../../../src/daemon/vision-settings.ts";
import type { Camera } from "../../../../src/hal/api.ts";
import { SteadyCamera } from "../../../../src/hal/camera/steady-camera.ts";
import { cameraConfig } from "../../../../src/hal/camera/table.ts";

const signal = new AbortController().signal;

function steady({ isBroken = false, names = ["exposure"] } = {}) {
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(what);
  const inner: Camera = {
    start: note("start"),
    next: () => Promise.reject(new Error("not asked for")),
    relax: (isIdle) => void done.push(isIdle ? "idle" : "awake"),
    stop: note("stop"),
  };
  const hold = async () => {
    done.push("hold");
    if (isBroken) throw new Error("the camera does not answer");
    return names;
  };
  const openControls = async () => ({ hold, free: note("free"), close: note("close") });
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, text: string) => void warnings.push(text) };
  return { done, warnings, camera: new SteadyCamera(inner, { device: "/dev/video0", logger, openControls }) };
}

describe("a camera that is held while the display shines", () => {
  it("is automatic from its start on: who held it before may have been killed", async () => {
    const { camera, done } = steady();
    await camera.start(signal);
    await camera.stop();
    expect(done.filter((what) => what !== "stop")).toEqual(["start", "free", "close"]);
  });

  it("is held and freed once, however often it is told", async () => {
    const { camera, done } = steady();
    await camera.start(signal);
    for (const isHeld of [false, true, true, true, false, false]) camera.hold(isHeld);
    await camera.stop();
    expect(done.filter((what) => what === "hold" || what === "free")).toEqual(["free", "hold", "free"]);
  });

  it("is freed when it is stopped in the midst of the colours, before its device is closed", async () => {
    const { camera, done } = steady();
    await camera.start(signal);
    camera.hold(true);
    await camera.stop();
    expect(done.filter((what) => what !== "stop")).toEqual(["start", "free", "hold", "free", "close"]);
  });

  it("gives its pictures all the same when it cannot be held", async () => {
    const { camera, done } = steady({ isBroken: true });
    await camera.start(signal);
    camera.hold(true);
    camera.hold(false);
    await camera.stop();
    expect(done).toContain("stop");
    expect(done.filter((what) => what === "free")).toHaveLength(2);
  });

  it.each([
    ["has nothing that can be held", { names: [] }],
    ["does not answer", { isBroken: true }],
  ])("says that it is not held when it %s: the setting would do nothing in silence", async (_, options) => {
    const { camera, warnings } = steady(options);
    await camera.start(signal);
    camera.hold(true);
    await camera.stop();
    expect(warnings).toEqual(["the camera's exposure cannot be held"]);
  });

  it("says nothing when it is held", async () => {
    const { camera, warnings } = steady();
    await camera.start(signal);
    camera.hold(true);
    await camera.stop();
    expect(warnings).toEqual([]);
  });

  it("can be stopped before it was started, and twice", async () => {
    const { camera, done } = steady();
    await camera.stop();
    await camera.stop();
    expect(done).toEqual(["stop", "stop"]);
  });

  it("hears that nobody is there", () => {
    const { camera, done } = steady();
    camera.relax(true);
    expect(done).toEqual(["idle"]);
  });
});

describe("holdForLight", () => {
  it.each(["rtsp://camera.local/door", "/srv/door.mp4", "TEST:"])(
    "is refused for %s, which has no controls",
    (source) => {
      const parsed = cameraConfig.safeParse({ driver: "ffmpeg", source, holdForLight: true });
      expect(parsed.error?.issues.map(({ path }) => path)).toEqual([["holdForLight"]]);
    },
  );

  const told = (camera: object, colouredLight: string) => {
    const gpio = { driver: "simulated", socketPath: "/run/x.sock", outputs: { strike: { line: 0 } } };
    const config = { gpio, camera, liveness: { colouredLight } };
    return visionSettingsOf(lintelConfig.parse(config)).camera;
  };

  it.each([
    ["a local camera, with coloured light", {}, "deny", true],
    ["a local camera that must not be held", { holdForLight: false }, "deny", false],
    ["a camera on the network", { source: "rtsp://camera.local/door" }, "deny", false],
    ["a local camera without coloured light: what somebody set by hand stays", {}, "off", undefined],
  ] as const)("is said to vision of %s", (_, more, colouredLight, expected) => {
    const camera = { driver: "ffmpeg", source: "/dev/video0", ...more };
    const seen = told(camera, colouredLight);
    expect(seen?.driver === "ffmpeg" ? seen.holdForLight : "another camera").toBe(expected);
  });
});
