import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { readJsonLines } from "../../src/core/json-lines.ts";
import { type PhotoAnswer, photoAnswer, visionMessage } from "../../src/vision/protocol.ts";
import { readSample } from "../support/sample-photos.ts";
import { testModelCache } from "../support/vision-kit.ts";

const program = fileURLToPath(new URL("../../dist/vision/main.js", import.meta.url));
const children: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(config: unknown, ...args: string[]) {
  const child = spawn(process.execPath, [program, ...args]);
  children.push(child);
  const messages: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  readJsonLines(child.stdout, 1e7, {
    onMessage: (message) => {
      const next = waiting.shift();
      if (next) next(message);
      else messages.push(message);
    },
    onBadLine: (reason) => messages.push({ badLine: reason }),
    onClose: () => {},
  });
  const next = (): Promise<unknown> => {
    if (messages.length > 0) return Promise.resolve(messages.shift());
    return new Promise((resolve) => waiting.push(resolve));
  };
  const ended = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  child.stdin.write(`${typeof config === "string" ? config : JSON.stringify(config)}\n`);
  return { child, next, ended };
}

const base = { modelCacheDirectory: testModelCache, logLevel: "silent" };
/** A camera that will never come: nothing listens there. */
const absentCamera = { driver: "simulated", socket: "/nonexistent/camera.sock", startTimeoutMs: 500 };

describe("the photo process", () => {
  const ask = async (next: () => Promise<unknown>): Promise<PhotoAnswer> => photoAnswer.parse(await next());

  it("answers each request with its id, good or bad, and ends with its input", async () => {
    const { child, next, ended } = start(base, "--photos");
    expect((await ask(next)).type).toBe("ready");
    const send = (id: string, image: Uint8Array) =>
      child.stdin.write(
        `${JSON.stringify({ type: "photo", id, image: Buffer.from(image).toString("base64"), purpose: "comparison" })}\n`,
      );
    send("bad", Buffer.from("this is no picture"));
    child.stdin.write("and this no request\n");
    send("good", readSample("sample1.jpg"));
    expect(await ask(next)).toMatchObject({ type: "photo-refused", id: "bad", problem: "not-an-image" });
    const answer = await ask(next);
    if (answer.type !== "photo") throw new Error(`expected faces, got ${answer.type}`);
    expect(answer.id).toBe("good");
    const usable = answer.faces.filter(({ embeddings }) => embeddings.length > 0);
    expect(usable.length).toBeGreaterThanOrEqual(3);
    expect(usable[0]?.embeddings.map(({ embedder }) => embedder)).toEqual(["dlib", "faceres"]);
    child.stdin.end();
    expect(await ended).toEqual({ code: 0, signal: null });
  });
});

describe("the door's process", () => {
  it("is ready and says that the camera is lost, and goes on saying how it is", async () => {
    const { child, next, ended } = start({ ...base, camera: absentCamera });
    expect(await next()).toMatchObject({ type: "ready", engine: "onnx" });
    const heard = new Map<string, unknown>();
    while (heard.size < 2) {
      const message = visionMessage.parse(await next());
      heard.set(message.type, message);
    }
    expect(heard.get("camera")).toMatchObject({ state: "lost" });
    expect(heard.get("health")).toMatchObject({ frameAgeMs: null, isIdle: true });
    child.kill("SIGTERM");
    const before = process.hrtime.bigint();
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(1500);
  });

  it("ends when its parent is gone", async () => {
    const { child, next, ended } = start({ ...base, camera: absentCamera });
    await next();
    child.stdin.end();
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  for (const [name, config] of [
    ["no JSON", "{"],
    ["an unknown key", { ...base, camera: absentCamera, colour: "red" }],
    ["no camera", base],
  ] as const) {
    it(`ends with the exit code of a bad configuration: ${name}`, async () => {
      expect(await start(config).ended).toEqual({ code: 78, signal: null });
    });
  }
});
