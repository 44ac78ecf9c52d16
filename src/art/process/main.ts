import { writeFileSync } from "node:fs";
import { pino } from "pino";
import { systemClock } from "../../core/clock.ts";
import { errorText, exitCode } from "../../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../../core/json-lines.ts";
import { createOnnxGraphs } from "../../hal/compute/onnx-graphs.ts";
import { createFeatureNetworks } from "../networks/networks.ts";
import { createPainter, type Painter } from "../paint.ts";
import { PaintJob } from "./paint-job.ts";
import { type ArtMessage, type ArtOrder, artCommand, artOrder, maxArtLineBytes } from "./protocol.ts";

/**
 * The art process: paints one picture and ends. The first line of standard input is the order, the rest are commands;
 * standard output carries the protocol only, logs go to standard error. When its input closes it writes a checkpoint after
 * the running step and ends.
 */

/** A step that does not come to its end must not keep a process alive that nobody listens to. */
const stopTimeoutMs = 60_000;

const log = pino({ base: { component: "art" } }, pino.destination({ fd: 2, sync: true }));

function main(): void {
  standBack();
  const rest = new AbortController();
  let begin: () => void = () => {};
  const mayBegin = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let hasOrder = false;
  rest.signal.addEventListener("abort", () => {
    setTimeout(() => process.exit(exitCode.hardware), stopTimeoutMs).unref();
  });
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => rest.abort());
  process.stdout.on("error", () => rest.abort());

  const takeOrder = (raw: unknown) => {
    hasOrder = true;
    const order = artOrder.safeParse(raw);
    if (!order.success) return refuse(order.error.issues[0]?.message ?? "no order");
    log.level = order.data.logLevel;
    const job = new PaintJob({
      order: order.data,
      openPainter: () => openPainter(order.data),
      send: (message: ArtMessage) => void writeJsonLine(process.stdout, message),
      mayBegin,
      rest: rest.signal,
      clock: systemClock,
      logger: log,
    });
    void job.run().then(() => end(exitCode.ok));
  };
  readJsonLines(process.stdin, maxArtLineBytes, {
    onMessage: (raw) => {
      if (!hasOrder) return takeOrder(raw);
      const command = artCommand.safeParse(raw);
      if (!command.success) return;
      if (command.data.type === "go") begin();
      else rest.abort();
    },
    onBadLine: (reason) => log.warn({ reason }, "line dropped"),
    onClose: () => (hasOrder ? rest.abort() : refuse("standard input ended before the order came")),
  });
}

function openPainter({ threads, modelCacheDirectory }: ArtOrder): Painter {
  const networks = createFeatureNetworks({ cacheDirectory: modelCacheDirectory });
  return createPainter({ graphs: createOnnxGraphs({ threads }), networks, clock: systemClock, logger: log });
}

/** When memory runs short the kernel is to take this process first. Its priority was lowered before it was started. */
function standBack(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch (error) {
    log.debug({ reason: errorText(error) }, "oom score not set");
  }
}

function refuse(reason: string): void {
  log.error({ reason }, "art ends");
  end(exitCode.config);
}

/** The last message must have left. */
function end(code: number): void {
  if (process.stdout.writableLength === 0) process.exit(code);
  process.stdout.once("drain", () => process.exit(code));
}

main();
