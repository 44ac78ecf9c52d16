import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import { FrameAssembler } from "./frame-assembler.ts";
import { IdlePace } from "./idle-pace.ts";
import type { RawReaderJob, RawReaderMessage } from "./raw-protocol.ts";
import { openRawSource, type RawSourceHandle } from "./raw-sources.ts";
import { TripleBufferWriter } from "./triple-buffer.ts";

/** The reading thread: drains the source as fast as it comes, whatever the main thread is doing. */
function run(job: RawReaderJob, post: (message: RawReaderMessage) => void): { stop(): Promise<void> } {
  const writer = new TripleBufferWriter(job.memory);
  const pace = new IdlePace();
  let sequence = -1;
  let hasEnded = false;
  let watchdog: NodeJS.Timeout | undefined;
  let handle: RawSourceHandle | undefined;

  const end = (reason: string, detail = ""): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(watchdog);
    post({ type: "lost", reason, detail });
    void handle?.close();
  };
  const arm = (limitMs: number, what: string): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => end(`${what} for ${limitMs / 1000} s`), limitMs);
  };
  const assembler = new FrameAssembler({
    slot: () => writer.slot,
    begin: () => pace.takes(systemClock.nowMs(), writer.isReaderIdle),
    end: (isWanted) => {
      if (hasEnded) return;
      arm(job.silenceMs, "no picture came");
      sequence++;
      if (!isWanted) return;
      writer.publish({ capturedAtMs: systemClock.nowMs(), sequence });
      post({ type: "frame" });
    },
  });

  arm(job.startTimeoutMs, "no first picture came");
  handle = openRawSource(job.source, { onData: (chunk) => assembler.push(chunk), onEnd: end });
  return {
    stop: async () => {
      hasEnded = true;
      clearTimeout(watchdog);
      await handle?.close();
    },
  };
}

const port = parentPort;
if (port === null) throw new Error("this file is the body of a worker thread");
const job: RawReaderJob = workerData;
const reader = run(job, (message) => port.postMessage(message));
port.once("message", () => void reader.stop().finally(() => port.close()));
