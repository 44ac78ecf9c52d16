import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { LintelError } from "../../../src/core/errors.ts";
import { readJsonLines } from "../../../src/core/json-lines.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import type { Camera } from "../../../src/hal/api.ts";
import type { Frame } from "../../../src/pipeline/types.ts";
import { decodePhoto } from "../../../src/vision/decode-photo.ts";
import { type VisionMessage, visionMessage } from "../../../src/vision/protocol.ts";
import { runVision } from "../../../src/vision/session.ts";
import { readSample } from "../../support/sample-photos.ts";
import { openTestEngine, visionTestConfig } from "../../support/vision-kit.ts";

/** A camera that shows one scene as fast as it is asked, with a little noise, and can be unplugged, stuck, covered or aged. */
class StillCamera implements Camera {
  isUnplugged = false;
  isStuck = false;
  isCovered = false;
  /** The last picture that was not a repeat. */
  newest = 0;
  ageMs = 0;
  stops = 0;
  isHeld = false;
  #sequence = 0;
  readonly #picture: Pick<Frame, "rgb" | "width" | "height">;
  constructor(picture: Pick<Frame, "rgb" | "width" | "height">) {
    this.#picture = picture;
  }
  async start() {
    this.#check();
  }
  async next(signal: AbortSignal): Promise<Frame> {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    this.#check();
    const capturedAtMs = systemClock.nowMs() - this.ageMs;
    const sequence = this.#sequence++;
    if (this.isStuck) return { ...this.#picture, capturedAtMs, sequence };
    const rgb = this.isCovered ? this.#picture.rgb.map(() => 3) : this.#picture.rgb;
    rgb[sequence % 3] = sequence & 255;
    this.newest = sequence;
    return { ...this.#picture, rgb, capturedAtMs, sequence };
  }
  hold(isHeld: boolean) {
    this.isHeld = isHeld;
  }
  async stop() {
    this.stops++;
  }
  #check() {
    if (this.isUnplugged) throw new LintelError("LINTEL_E_CAMERA_LOST", "unplugged");
  }
}

let closeInput: () => void = () => {};
afterEach(() => closeInput());

async function start() {
  const decoded = await decodePhoto(readSample("sample1.jpg"));
  if ("problem" in decoded) throw new Error(decoded.detail);
  const camera = new StillCamera(decoded.image);
  const { engine, models } = await openTestEngine();
  const input = new PassThrough();
  const output = new PassThrough();
  const messages: VisionMessage[] = [];
  let onMessage = () => {};
  readJsonLines(output, 1e6, {
    onMessage: (message) => {
      messages.push(visionMessage.parse(message));
      onMessage();
    },
    onBadLine: (reason) => {
      throw new Error(`stdout carried something else: ${reason}`);
    },
    onClose: () => {},
  });
  const scheduling = { ...visionTestConfig.scheduling, healthEveryMs: 50 };
  const parts = { engine, models, openCamera: () => camera, clock: systemClock, logger: silentLogger };
  const done = runVision({ ...parts, input, output, scheduling }, new AbortController().signal);
  closeInput = () => input.end();
  /** The first message from now on that fits. */
  const until = <T extends VisionMessage>(fits: (message: VisionMessage) => message is T): Promise<T> => {
    const from = messages.length;
    return new Promise((resolve) => {
      onMessage = () => {
        const found = messages.slice(from).find(fits);
        if (found) resolve(found);
      };
    });
  };
  const tell = (line: unknown) => input.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  return { camera, messages, until, tell, done, close: closeInput };
}

type Of<T extends VisionMessage["type"]> = Extract<VisionMessage, { type: T }>;
const is =
  <T extends VisionMessage["type"]>(type: T, also: (message: Of<T>) => boolean = () => true) =>
  (message: VisionMessage): message is Of<T> =>
    message.type === type && also(message as Of<T>);

describe("the vision session", () => {
  it("is ready first, sees faces, obeys `decided` and `open`, and ends with its input", async () => {
    const vision = await start();
    const first = await vision.until(is("sighting", ({ embedding }) => embedding !== undefined));
    expect(vision.messages[0]?.type).toBe("ready");
    expect(first.liveness.verdict).toBe("no-verdict");
    vision.tell("no json at all");
    vision.tell({ type: "track", trackId: 99_999, state: "decided" });
    for (const id of new Set(vision.messages.filter(is("sighting")).map(({ trackId }) => trackId))) {
      vision.tell({ type: "track", trackId: id, state: "decided" });
    }
    await vision.until(is("sighting", ({ face, trackId }) => trackId === first.trackId && face === undefined));
    vision.tell({ type: "track", trackId: first.trackId, state: "open" });
    await vision.until(is("sighting", ({ face, trackId }) => trackId === first.trackId && face !== undefined));
    vision.close();
    await vision.done;
    expect(vision.camera.stops).toBeGreaterThan(0);
  }, 30_000);

  it("reports a lost camera once, keeps reporting its health, ends all tracks and takes the camera back", async () => {
    const vision = await start();
    const { trackId } = await vision.until(is("sighting"));
    vision.camera.isUnplugged = true;
    const lost = await vision.until(is("camera", ({ state }) => state === "lost"));
    expect(lost.reason).toContain("unplugged");
    expect(vision.messages.some(is("track-ended", (ended) => ended.trackId === trackId))).toBe(true);
    await vision.until(is("health", ({ frameAgeMs, isIdle }) => frameAgeMs === null && isIdle));
    await vision.until(is("health"));
    expect(vision.messages.filter(is("camera", ({ state }) => state === "lost"))).toHaveLength(1);
    vision.camera.isUnplugged = false;
    await vision.until(is("camera", ({ state }) => state === "ok"));
    const again = await vision.until(is("sighting"));
    expect(again.trackId).toBeGreaterThan(trackId);
    vision.close();
    await vision.done;
  }, 30_000);

  it("sends no sighting of a picture that is older than a second", async () => {
    const vision = await start();
    await vision.until(is("sighting"));
    vision.camera.ageMs = 1500;
    await vision.until(is("health", ({ frameAgeMs }) => frameAgeMs !== null && frameAgeMs >= 1400));
    const from = vision.messages.length;
    await vision.until(is("health"));
    await vision.until(is("health"));
    expect(vision.messages.slice(from).filter(is("sighting"))).toEqual([]);
    vision.close();
    await vision.done;
  }, 30_000);

  it("says nothing of a picture that is stuck, calls the camera lost for it, and sees again once it moves", async () => {
    const vision = await start();
    await vision.until(is("sighting"));
    vision.camera.isStuck = true;
    const { newest } = vision.camera;
    const lost = await vision.until(is("camera", ({ problem }) => problem === "frozen"));
    expect(lost).toMatchObject({ state: "lost", reason: expect.stringContaining("the same picture") });
    const seen = vision.messages.filter(is("sighting")).map(({ sequence }) => sequence);
    expect(Math.max(...seen)).toBeLessThanOrEqual(newest);
    expect(vision.messages.findLast(is("health"))?.frameAgeMs).toBeGreaterThan(4_000);
    vision.camera.isStuck = false;
    expect(await vision.until(is("camera"))).toMatchObject({ state: "ok" });
    await vision.until(is("sighting"));
    vision.close();
    await vision.done;
  }, 30_000);

  it("says that something covers the lens, and that it is gone", async () => {
    const vision = await start();
    await vision.until(is("sighting"));
    vision.camera.isCovered = true;
    expect(await vision.until(is("camera"))).toMatchObject({ state: "ok", problem: "dark" });
    vision.camera.isCovered = false;
    const { problem } = await vision.until(is("camera"));
    expect(problem).toBeUndefined();
    await vision.until(is("sighting"));
    vision.close();
    await vision.done;
  }, 30_000);

  it("has the camera held while the display shines in colours, and no longer", async () => {
    const vision = await start();
    await vision.until(is("sighting"));
    expect(vision.camera.isHeld).toBe(false);
    const nowMs = systemClock.nowMs();
    vision.tell({ type: "hold", untilMs: nowMs + 2000 });
    await vision.until(is("sighting", () => vision.camera.isHeld));
    await vision.until(is("sighting", () => !vision.camera.isHeld));
    expect(systemClock.nowMs() - nowMs).toBeGreaterThanOrEqual(2000);
    vision.close();
    await vision.done;
  }, 30_000);
});
