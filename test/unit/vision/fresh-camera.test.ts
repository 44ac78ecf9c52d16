import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import type { Camera } from "../../../src/hal/api.ts";
import type { Frame } from "../../../src/pipeline/types.ts";
import { Sensor } from "../../../src/simulation/sensor.ts";
import { FreshCamera, LastPicture } from "../../../src/vision/fresh-camera.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const signal = new AbortController().signal;
const size = { width: 32, height: 24 };

/** A camera of 10 pictures a second that plays what it is given, and moves the clock along. */
class Played implements Camera {
  readonly #pictures: Iterator<Uint8Array>;
  readonly #clock: ManualClock;
  readonly #periodMs: number;
  sequence = 0;
  readonly relaxed: boolean[] = [];
  readonly held: boolean[] = [];
  constructor(pictures: Iterable<Uint8Array>, clock: ManualClock, periodMs = 100) {
    this.#pictures = pictures[Symbol.iterator]();
    this.#clock = clock;
    this.#periodMs = periodMs;
  }
  async start() {}
  async next(): Promise<Frame> {
    const { value } = this.#pictures.next();
    if (value === undefined) throw new Error("nothing left to play");
    this.#clock.advance(this.#periodMs);
    return { rgb: value, ...size, capturedAtMs: this.#clock.nowMs(), sequence: this.sequence++ };
  }
  relax(isIdle: boolean) {
    this.relaxed.push(isIdle);
  }
  hold(isHeld: boolean) {
    this.held.push(isHeld);
  }
  async stop() {}
}

const still = (level = 90) => new Uint8Array(size.width * size.height * 3).fill(level);
function* repeated(count: number, level = 90) {
  for (let i = 0; i < count; i++) yield still(level);
}
/** An empty room through a sensor: nothing moves but its noise. */
function* noisy(count: number, options: { noise: number; exposure: number }) {
  const sensor = new Sensor({ seed: 3, ...options });
  for (let i = 0; i < count; i++) {
    const rgb = still();
    sensor.expose(rgb, i * 100);
    yield rgb;
  }
}

function watch(pictures: Iterable<Uint8Array>, { isWatched = true, periodMs = 100, last = new LastPicture() } = {}) {
  const clock = new ManualClock(0);
  const source = new Played(pictures, clock, periodMs);
  const scene = { isStill: false, isLit: false };
  const asked = { isWatched: () => isWatched, isStill: () => scene.isStill, isLit: () => scene.isLit };
  const parts = { last, ...asked, clock };
  return { clock, source, last, scene, camera: new FreshCamera(source, parts) };
}

async function handedOut(camera: Camera): Promise<{ sequences: number[]; error: unknown }> {
  const sequences: number[] = [];
  try {
    for (;;) sequences.push((await camera.next(signal)).sequence);
  } catch (error) {
    return { sequences, error };
  }
}

describe("a stream that is stuck", () => {
  it("hands its last picture out once, so that nothing is judged on it, and is lost after five seconds", async () => {
    const { camera, clock } = watch(repeated(1000));
    const { sequences, error } = await handedOut(camera);
    expect(sequences).toEqual([0]);
    expect(error).toMatchObject({ code: "LINTEL_E_CAMERA_FROZEN", message: expect.stringContaining("5 s") });
    expect(clock.nowMs()).toBeLessThanOrEqual(5_200);
  });

  it("has longer before an empty scene, whose noise a video coding may hide until the next key frame", async () => {
    const { camera, clock } = watch(repeated(1000), { isWatched: false });
    expect((await handedOut(camera)).error).toMatchObject({ code: "LINTEL_E_CAMERA_FROZEN" });
    expect(clock.nowMs()).toBeGreaterThan(30_000);
  });

  it("is still stuck when it is opened anew and shows the same, which hands nothing out and is said sooner", async () => {
    const first = watch(repeated(1000));
    await handedOut(first.camera);
    const clock = first.clock;
    const again = new FreshCamera(new Played(repeated(1000), clock), {
      last: first.last,
      isWatched: () => true,
      isStill: () => false,
      isLit: () => false,
      clock,
    });
    const before = clock.nowMs();
    const { sequences, error } = await handedOut(again);
    expect({ sequences, error }).toMatchObject({ sequences: [], error: { code: "LINTEL_E_CAMERA_FROZEN" } });
    expect(clock.nowMs() - before).toBeLessThan(1_500);
  });

  it("is well again with the first picture that differs, in a single bit", async () => {
    const one = still();
    one[700] = 91;
    const { camera } = watch([...repeated(20), one, ...repeated(20)]);
    expect((await handedOut(camera)).sequences).toEqual([0, 20, 21]);
  });
});

describe("a scene in which nothing moves", () => {
  it.each([
    ["a good sensor in good light", { noise: 0.6, exposure: 1 }],
    ["a door at dusk", { noise: 1.6, exposure: 0.3 }],
    ["a noisy sensor", { noise: 6, exposure: 1 }],
  ])("is not taken for a stuck stream: %s", async (_name, sensor) => {
    const { camera } = watch(noisy(600, sensor), { isWatched: true });
    const { sequences, error } = await handedOut(camera);
    expect(String(error)).toContain("nothing left to play");
    expect(sequences).toHaveLength(600);
  });

  it("may repeat pictures between two key frames without being lost", async () => {
    const random = seededRandom(5);
    function* coded() {
      for (let group = 0; group < 20; group++) {
        const picture = still(90 + Math.floor(random() * 3));
        picture[group] = group;
        for (let i = 0; i < 40; i++) yield picture.slice();
      }
    }
    const { camera } = watch(coded(), { isWatched: false });
    const { sequences, error } = await handedOut(camera);
    expect(String(error)).toContain("nothing left to play");
    expect(sequences).toHaveLength(20);
  });

  it("is not lost for two slow shots that are alike", async () => {
    const { camera } = watch(repeated(7), { periodMs: 3_000 });
    expect(String((await handedOut(camera)).error)).toContain("nothing left to play");
  });
});

it("a camera that goes on after a pause of hours is not said to have been stuck", async () => {
  const { camera, clock } = watch([...repeated(3), ...repeated(3, 91)], { isWatched: true });
  await camera.next(signal);
  clock.advance(6 * 3_600_000);
  expect((await camera.next(signal)).rgb[0]).toBe(91);
});

it("the camera hears before each picture whether the scene is still", async () => {
  const { camera, source, scene } = watch(noisy(3, { noise: 2, exposure: 1 }));
  for (const isStill of [false, true, false]) {
    scene.isStill = isStill;
    await camera.next(signal);
  }
  expect(source.relaxed).toEqual([false, true, false]);
});

it("the camera hears before each picture whether the display shines in colours", async () => {
  const { camera, source, scene } = watch(noisy(3, { noise: 2, exposure: 1 }));
  for (const isLit of [false, true, false]) {
    scene.isLit = isLit;
    await camera.next(signal);
  }
  expect(source.held).toEqual([false, true, false]);
});
