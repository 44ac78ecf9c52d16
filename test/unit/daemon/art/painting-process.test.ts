import { describe, expect, it } from "vitest";
import { type ArtMessage, artOrder } from "../../../../src/art/process/protocol.ts";
import { LintelError } from "../../../../src/core/errors.ts";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { PhotoAnalyser } from "../../../../src/daemon/api.ts";
import { type PaintingEnd, PaintingProcess } from "../../../../src/daemon/art/painting-process.ts";
import type { ChildHandlers } from "../../../../src/daemon/child-process.ts";
import type { PhotoFace } from "../../../../src/vision/protocol.ts";
import { FakeTime, settle } from "../../../support/fake-time.ts";

const order = artOrder.parse({
  ...{ settings: {}, styles: [], title: "", jobDirectory: "/j", pictureBase: "/p", modelCacheDirectory: "/m" },
  ...{ threads: 1, checkpointEverySteps: 1, checkpointPauseMs: 0, previewEveryMs: 0 },
});
const face: PhotoFace = {
  ...{ box: [0, 0, 9, 9], score: 1, pose: { yawDeg: 0, pitchDeg: 0, rollDeg: 0 }, faceWidthPx: 90, sharpness: 9 },
  ...{ brightness: 120, reasons: [], embeddings: [] },
};
const seeing =
  (...faces: readonly PhotoFace[]): PhotoAnalyser["analyse"] =>
  async () => ({ type: "photo", id: "1", width: 9, height: 9, faces: [...faces] });

function paint(analyse: PhotoAnalyser["analyse"] = seeing()) {
  const time = new FakeTime();
  const sent: unknown[] = [];
  const signals: string[] = [];
  const ends: PaintingEnd[] = [];
  const heard: string[] = [];
  let handlers: ChildHandlers<ArtMessage> | undefined;
  let memoryMb = 100;
  const exit = (signal: NodeJS.Signals | null) =>
    handlers?.onExit({ code: signal ? null : 0, signal, reason: signal ? `ended by ${signal}` : "ended with code 0" });
  const painting = new PaintingProcess({
    ...{ order, memoryMb: 500, clock: time, timers: time, logger: silentLogger, analyser: { analyse } },
    listener: {
      progress: ({ step }) => void heard.push(`step ${step}`),
      checkpoint: (step) => void heard.push(`checkpoint ${step}`),
      preview: () => void heard.push("preview"),
      ended: (end) => void ends.push(end),
    },
    launch: (_order, given) => {
      handlers = given;
      const end = { code: 0, signal: null, reason: "ended with code 0" };
      return {
        pid: 4711,
        send: (message) => sent.push(message) > 0,
        kill: () => exit("SIGKILL"),
        stop: async () => {
          exit(null);
          return end;
        },
      };
    },
    signal: (pid, signal) => void signals.push(`${signal} ${pid}`),
    residentMb: async () => memoryMb,
  });
  painting.start();
  const says = async (message: ArtMessage) => {
    handlers?.onMessage(message);
    await settle();
  };
  const uses = (mb: number) => {
    memoryMb = mb;
  };
  return { time, sent, signals, ends, heard, painting, says, exit, uses };
}

const look: ArtMessage = { type: "look", file: "lake.jpg", image: "/9j/" };
const lookedAll: ArtMessage = { type: "looked-all" };
const progress = (step: number): ArtMessage => ({ type: "progress", step, steps: 9, width: 1, height: 1, loss: 1 });

describe("nothing is painted before the detector has looked", () => {
  it("pictures without a face are painted", async () => {
    const { says, sent } = paint();
    await says(look);
    expect(sent).toEqual([]);
    await says(lookedAll);
    expect(sent).toEqual([{ type: "go" }]);
  });

  it("a face ends it, with the file, the reason and what to do", async () => {
    const { says, sent, ends } = paint(seeing(face));
    await says(look);
    await says(lookedAll);
    expect(sent).toEqual([]);
    expect(ends).toEqual([{ kind: "failed", reason: expect.stringMatching(/^lake\.jpg shows a face .*face-allowed/) }]);
  });

  it("a face in the first of two pictures is not forgotten over the second", async () => {
    let looks = 0;
    const { says, ends } = paint((...args) => (looks++ === 0 ? seeing(face, face) : seeing())(...args));
    await says(look);
    await says({ ...look, file: "whirls.jpg" });
    await says(lookedAll);
    expect(ends).toEqual([{ kind: "failed", reason: expect.stringContaining("lake.jpg shows 2 faces") }]);
  });

  it("what the landmarks do not bear out is no face", async () => {
    const { says, sent } = paint(seeing({ ...face, reasons: ["not-a-face"] }));
    await says(look);
    await says(lookedAll);
    expect(sent).toEqual([{ type: "go" }]);
  });

  it("a picture that cannot be looked at is not painted", async () => {
    const { says, ends } = paint(async () => ({
      type: "photo-refused",
      id: "",
      problem: "timeout",
      detail: "too slow",
    }));
    await says(look);
    await says(lookedAll);
    expect(ends).toEqual([{ kind: "failed", reason: "lake.jpg cannot be looked at: too slow" }]);
  });

  it("without a detector it waits for better times", async () => {
    const { says, ends, sent } = paint(() => Promise.reject(new LintelError("LINTEL_E_CHILD", "no process")));
    await says(look);
    await says(lookedAll);
    expect(ends).toEqual([{ kind: "postponed", reason: "the inputs could not be looked at" }]);
    expect(sent).toEqual([]);
  });

  it("pictures that somebody allowed need no look", async () => {
    const { says, sent } = paint(() => Promise.reject(new Error("nobody asked")));
    await says(lookedAll);
    expect(sent).toEqual([{ type: "go" }]);
  });
});

describe("holding still", () => {
  it("stops the process itself, once, and continues it once", () => {
    const { painting, signals } = paint();
    painting.hold();
    painting.hold();
    painting.goOn();
    painting.goOn();
    expect(signals).toEqual(["SIGSTOP 4711", "SIGCONT 4711"]);
  });

  it("is no silence, however long it lasts", async () => {
    const { painting, ends, time, says } = paint();
    await says(progress(1));
    painting.hold();
    await time.advance(3_600_000);
    painting.goOn();
    await time.advance(9 * 60_000);
    expect(ends).toEqual([]);
  });

  it("a held process is continued before it is ended: it could not write its checkpoint otherwise", async () => {
    const { painting, signals, ends } = paint();
    painting.hold();
    await painting.stop();
    expect(signals).toEqual(["SIGSTOP 4711", "SIGCONT 4711"]);
    expect(ends).toEqual([{ kind: "resting" }]);
  });
});

describe("how it ends", () => {
  const done: ArtMessage = { type: "done", width: 4, height: 3, sha256: "0".repeat(64), seconds: 9 };
  it.each<[string, ArtMessage[], PaintingEnd]>([
    ["with a picture", [done], { kind: "done", picture: { width: 4, height: 3, sha256: "0".repeat(64), seconds: 9 } }],
    ["resting", [{ type: "resting", step: 3 }], { kind: "resting" }],
    ["failed", [{ type: "failed", reason: "bad", mayHelpLater: false }], { kind: "failed", reason: "bad" }],
    [
      "for want of room",
      [{ type: "failed", reason: "full", mayHelpLater: true }],
      { kind: "postponed", reason: "full" },
    ],
    ["without a word", [progress(1)], { kind: "broke", reason: "the painting process ended with code 0" }],
  ])("%s", async (_what, messages, end) => {
    const { says, exit, ends } = paint();
    for (const message of messages) await says(message);
    expect(ends).toEqual([]);
    exit(null);
    expect(ends).toEqual([end]);
  });

  it("killed from outside, it may have been the kernel's want of memory", () => {
    const { exit, ends } = paint();
    exit("SIGKILL");
    expect(ends).toEqual([{ kind: "broke", reason: expect.stringContaining("memory") }]);
  });

  it("one that takes more memory than it may is ended, and the job is to blame", async () => {
    const { uses, time, ends } = paint();
    await time.advance(10_000);
    expect(ends).toEqual([]);
    uses(501);
    await time.advance(2_000);
    expect(ends).toEqual([{ kind: "failed", reason: expect.stringContaining("more than 500 MB") }]);
  });

  it("one that says nothing for ten minutes hangs", async () => {
    const { time, ends, says } = paint();
    await time.advance(9 * 60_000);
    await says(progress(1));
    await time.advance(9 * 60_000);
    expect(ends).toEqual([]);
    await time.advance(2 * 60_000);
    expect(ends).toEqual([{ kind: "broke", reason: "the painting process hung" }]);
  });

  it("leaves no timer behind", async () => {
    const { exit, time } = paint();
    exit(null);
    await time.advance(10_000);
    expect(time.waiting).toBe(0);
  });
});

it("passes on what happens", async () => {
  const { says, heard } = paint();
  await says(progress(1));
  await says({ type: "preview" });
  await says({ type: "checkpoint", step: 1 });
  await says({ type: "trouble", reason: "checkpoint not written: the disk is full" });
  expect(heard).toEqual(["step 1", "preview", "checkpoint 1"]);
});
