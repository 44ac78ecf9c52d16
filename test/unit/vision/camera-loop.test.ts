import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { LintelError } from "../../../src/core/errors.ts";
import type { Camera } from "../../../src/hal/api.ts";
import type { Frame } from "../../../src/pipeline/types.ts";
import { runCameraLoop } from "../../../src/vision/camera-loop.ts";

const frame: Frame = { rgb: new Uint8Array(12), width: 2, height: 2, capturedAtMs: 0, sequence: 0 };

/** A camera that delivers some frames and is lost then. */
class BriefCamera implements Camera {
  stopped = 0;
  #left: number;
  readonly #startError: Error | undefined;
  constructor(frames: number, startError?: Error) {
    this.#left = frames;
    this.#startError = startError;
  }
  async start() {
    if (this.#startError) throw this.#startError;
  }
  async next(signal: AbortSignal) {
    signal.throwIfAborted();
    if (this.#left-- <= 0) throw new LintelError("LINTEL_E_CAMERA_LOST", "unplugged", { hint: "plug it in" });
    return frame;
  }
  async stop() {
    this.stopped++;
  }
}

function watch(cameras: BriefCamera[], onFrame: () => Promise<void> = async () => {}) {
  const stop = new AbortController();
  const states: string[] = [];
  let opened = 0;
  const done = runCameraLoop(
    {
      openCamera: () => {
        const camera = cameras[opened++];
        if (opened === cameras.length) stop.abort();
        if (!camera) throw new Error("opened too often");
        return camera;
      },
      clock: systemClock,
      onFrame,
      onState: (problem, reason) => states.push(problem === null ? "ok" : `${problem}: ${reason}`),
    },
    stop.signal,
  );
  return { done, states };
}

describe("a lost camera", () => {
  it("is stopped, reported and opened anew", async () => {
    const cameras = [new BriefCamera(2), new BriefCamera(1)];
    const { done, states } = watch(cameras);
    await done;
    expect(states).toEqual(["ok", "lost: unplugged (plug it in)"]);
    expect(cameras.map(({ stopped }) => stopped)).toEqual([1, 1]);
  });
  it("that does not start is stopped too", async () => {
    const cameras = [new BriefCamera(0, new Error("busy\nsecond line")), new BriefCamera(0)];
    const { done, states } = watch(cameras);
    await done;
    expect(states).toEqual(["lost: busy"]);
    expect(cameras[0]?.stopped).toBe(1);
  });
});

it("a fault of the networks is no lost camera: it ends the loop, and the camera with it", async () => {
  const cameras = [new BriefCamera(5), new BriefCamera(5)];
  const { done, states } = watch(cameras, () => Promise.reject(new Error("engine")));
  await expect(done).rejects.toThrow("engine");
  expect(states).toEqual(["ok"]);
  expect(cameras[0]?.stopped).toBe(1);
});
