import { z } from "zod";
import { systemClock } from "../core/clock.ts";
import { errorText, LintelError } from "../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../core/json-lines.ts";
import { type GpioChipServer, serveGpioChip } from "./gpio-chip-server.ts";

/**
 * The simulated GPIO chip as a process: `node dist/simulation/gpio-chip-main.js`. The first line of standard input is
 * its configuration, `{"type":"ready"}` on standard output says that it listens, and it ends when its input closes.
 */
const chipConfig = z.strictObject({
  socketPath: z.string().min(1).max(100),
  /** How many lines the chip has. */
  lines: z.int().min(1).max(512).default(32),
});

let server: GpioChipServer | undefined;
let isConfigured = false;

async function start(raw: unknown): Promise<void> {
  try {
    const config = chipConfig.parse(raw);
    server = await serveGpioChip({ ...config, clock: systemClock });
    writeJsonLine(process.stdout, { type: "ready", socketPath: config.socketPath, atMs: systemClock.nowMs() });
  } catch (error) {
    process.stderr.write(`simulated GPIO chip: ${errorText(error)}\n`);
    process.exit(error instanceof LintelError ? error.exit : 78);
  }
}

async function end(): Promise<void> {
  await server?.stop();
  process.exit(0);
}

readJsonLines(process.stdin, 64 * 1024, {
  onMessage: (raw) => {
    if (isConfigured) return;
    isConfigured = true;
    void start(raw);
  },
  onBadLine: () => process.exit(78),
  onClose: () => void end(),
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void end());
