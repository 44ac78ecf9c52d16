import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import {
  type PhotoChannel,
  type PhotoChannelListener,
  ProcessPhotoAnalyser,
} from "../../../src/daemon/photo-analyser.ts";
import { maxPhotoBytes, type PhotoAnswer, type PhotoRequest } from "../../../src/vision/protocol.ts";

/** The other end of the line, driven by hand: what was sent, and what the process does next. */
class Process implements PhotoChannel {
  readonly sent: PhotoRequest[] = [];
  isEnded = false;
  readonly listener: PhotoChannelListener;
  constructor(listener: PhotoChannelListener) {
    this.listener = listener;
  }
  send(request: PhotoRequest): void {
    this.sent.push(request);
  }
  close(): void {
    this.isEnded = true;
    this.listener.onClosed("closed");
  }
  ready(): void {
    this.listener.onMessage({ type: "ready", engine: "onnx", device: "cpu", models: {} });
  }
  answer(id = this.sent.at(-1)?.id ?? ""): void {
    this.listener.onMessage({ type: "photo", id, width: this.sent.length, height: 1, faces: [] } satisfies PhotoAnswer);
  }
}

let processes: Process[] = [];
let analyser: ProcessPhotoAnalyser;
const image = (text: string) => Buffer.from(text);
const settle = () => vi.advanceTimersByTimeAsync(0);
const latest = () => {
  const process = processes.at(-1);
  if (!process) throw new Error("no process was started");
  return process;
};

beforeEach(() => {
  vi.useFakeTimers();
  processes = [];
  analyser = new ProcessPhotoAnalyser({
    open: (listener) => {
      const process = new Process(listener);
      processes.push(process);
      return process;
    },
    logger: silentLogger,
    startTimeoutMs: 1000,
    photoTimeoutMs: 500,
    idleMs: 2000,
  });
});
afterEach(() => {
  analyser.stop();
  vi.useRealTimers();
});

describe("the photo process", () => {
  test("is started for the first picture, not before, and serves the next one too", async () => {
    expect(processes).toHaveLength(0);
    const first = analyser.analyse(image("one"), "comparison");
    await settle();
    expect(latest().sent).toHaveLength(0);
    latest().ready();
    await settle();
    expect(latest().sent[0]?.image).toBe(image("one").toString("base64"));
    latest().answer();
    await expect(first).resolves.toMatchObject({ type: "photo", width: 1 });
    const second = analyser.analyse(image("two"), "comparison");
    await settle();
    latest().answer();
    await expect(second).resolves.toMatchObject({ width: 2 });
    expect(processes).toHaveLength(1);
  });

  test("looks at one picture at a time, in order", async () => {
    const answers = [analyser.analyse(image("one"), "comparison"), analyser.analyse(image("two"), "comparison")];
    await settle();
    latest().ready();
    await settle();
    expect(latest().sent).toHaveLength(1);
    latest().answer();
    await settle();
    expect(latest().sent).toHaveLength(2);
    latest().answer();
    await expect(Promise.all(answers)).resolves.toMatchObject([{ width: 1 }, { width: 2 }]);
  });

  test("ends after an idle while and starts again when needed", async () => {
    const first = analyser.analyse(image("one"), "comparison");
    await settle();
    latest().ready();
    await settle();
    latest().answer();
    await first;
    await vi.advanceTimersByTimeAsync(1999);
    expect(latest().isEnded).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(latest().isEnded).toBe(true);
    void analyser.analyse(image("two"), "comparison");
    await settle();
    expect(processes).toHaveLength(2);
    latest().ready();
    await settle();
    latest().answer();
  });

  test("that dies over a picture costs that picture only", async () => {
    const bad = analyser.analyse(image("bad"), "comparison");
    const good = analyser.analyse(image("good"), "comparison");
    await settle();
    latest().ready();
    await settle();
    latest().listener.onClosed("killed by SIGSEGV");
    await expect(bad).resolves.toMatchObject({ type: "photo-refused", problem: "corrupt" });
    await settle();
    expect(processes).toHaveLength(2);
    latest().ready();
    await settle();
    latest().answer();
    await expect(good).resolves.toMatchObject({ type: "photo" });
  });

  test("that hangs is ended; the picture is refused and the next gets a new process", async () => {
    const slow = analyser.analyse(image("slow"), "comparison");
    await settle();
    latest().ready();
    await vi.advanceTimersByTimeAsync(500);
    await expect(slow).resolves.toMatchObject({ type: "photo-refused", problem: "timeout" });
    expect(processes[0]?.isEnded).toBe(true);
    const next = analyser.analyse(image("next"), "comparison");
    await settle();
    processes[0]?.answer();
    latest().ready();
    await settle();
    latest().answer();
    await expect(next).resolves.toMatchObject({ type: "photo" });
  });

  test("that cannot start is nobody's picture's fault", async () => {
    const dead = analyser.analyse(image("one"), "comparison");
    const asserted = expect(dead).rejects.toMatchObject({ code: "LINTEL_E_CHILD" });
    await settle();
    latest().listener.onClosed("exit code 69");
    await asserted;
    const mute = analyser.analyse(image("two"), "comparison");
    const assertedToo = expect(mute).rejects.toMatchObject({ code: "LINTEL_E_CHILD" });
    await vi.advanceTimersByTimeAsync(1000);
    await assertedToo;
    expect(processes).toHaveLength(2);
    expect(latest().isEnded).toBe(true);
  });

  test("is not believed when it answers what was not asked", async () => {
    const answer = analyser.analyse(image("one"), "comparison");
    await settle();
    latest().ready();
    await settle();
    latest().answer("another id");
    await vi.advanceTimersByTimeAsync(499);
    latest().answer();
    await expect(answer).resolves.toMatchObject({ type: "photo" });
  });

  test("ends with stop, which may come twice; pictures that wait are told", async () => {
    const looking = analyser.analyse(image("one"), "comparison");
    const waiting = analyser.analyse(image("two"), "comparison");
    const asserted = expect(waiting).rejects.toMatchObject({ code: "LINTEL_E_CHILD" });
    await settle();
    latest().ready();
    await settle();
    analyser.stop();
    analyser.stop();
    await expect(looking).resolves.toMatchObject({ type: "photo-refused" });
    await asserted;
    expect(latest().isEnded).toBe(true);
    expect(processes).toHaveLength(1);
  });
});

test("empty and oversized pictures are refused without starting anything", async () => {
  await expect(analyser.analyse(new Uint8Array(0), "comparison")).resolves.toMatchObject({ problem: "empty" });
  await expect(analyser.analyse(new Uint8Array(maxPhotoBytes + 1), "comparison")).resolves.toMatchObject({
    problem: "too-large",
  });
  expect(processes).toHaveLength(0);
});
