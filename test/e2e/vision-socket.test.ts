import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemTimers } from "../../src/core/timers.ts";
import { createPhotoAnalyser } from "../../src/daemon/photo-process.ts";
import { testModelCache } from "../support/model-cache.ts";
import { temporaryFolder } from "../support/processes.ts";

const entry = fileURLToPath(new URL("../../dist/vision/main.js", import.meta.url));
const hasActivator = spawnSync("systemd-socket-activate", ["--version"]).status === 0;

/** As a socket unit starts it; left out where systemd is not installed. */
describe.skipIf(!hasActivator)("vision behind a socket", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let socketPath: string;
  let service: ChildProcess;
  let ended: Promise<number | null>;

  beforeEach(async () => {
    folder = temporaryFolder();
    socketPath = join(folder.path, "photos.sock");
    service = spawn("systemd-socket-activate", ["-l", socketPath, process.execPath, entry, "--photos", "--socket"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    ended = new Promise((resolve) => service.once("exit", (code) => resolve(code)));
    await expect.poll(() => existsSync(socketPath)).toBe(true);
  });
  afterEach(() => {
    service.kill("SIGKILL");
    folder.remove();
  });

  it("is started by the first picture, answers, and ends when the door lets go", async () => {
    const deps = { clock: systemClock, timers: systemTimers, logger: silentLogger, socketPath };
    const analyser = createPhotoAnalyser({ modelCacheDirectory: testModelCache, logLevel: "silent" }, deps);
    const answer = await analyser.analyse(Buffer.from("this is no picture"), "enrolment");
    expect(answer).toMatchObject({ type: "photo-refused", problem: "not-an-image" });
    analyser.stop();
    expect(await ended).toBe(0);
  });
});

describe("vision that is told of a socket", () => {
  it("ends with the code for a wrong configuration when nobody handed one over", () => {
    const environment = { ...process.env, LISTEN_FDS: undefined };
    expect(spawnSync(process.execPath, [entry, "--socket"], { env: environment }).status).toBe(78);
  });
});
