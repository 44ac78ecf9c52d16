import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { RateLimit } from "./rate-limit.ts";

/** Longer lines are cut: a child's log is a courtesy, not a channel. */
const maxLineChars = 4096;

/**
 * Passes on what a child writes to its standard error: lines of pino's JSON with their own level and fields, anything
 * else (a stack, a native library's chatter) as a warning. At most 50 at once and 20 a second; the rest is counted.
 */
export function forwardChildLog(input: Readable, deps: { readonly logger: Logger; readonly clock: Clock }): void {
  const limit = new RateLimit({ burst: 50, perSecond: 20 });
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = (line: string) => {
    if (line.trim() === "") return;
    const verdict = limit.take(deps.clock.nowMs());
    if (!verdict.pass) return;
    if (verdict.suppressed > 0) deps.logger.warn({ lines: verdict.suppressed }, "child log lines left out");
    forwardLine(line, deps.logger);
  };
  input.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = (lines.pop() ?? "").slice(0, maxLineChars);
    for (const line of lines) take(line.slice(0, maxLineChars));
  });
  input.on("end", () => take(rest));
  input.on("error", () => {});
}

// --- internal ---

function forwardLine(line: string, logger: Logger): void {
  const entry = parseEntry(line);
  if (!entry) {
    logger.warn({ line }, "child says");
    return;
  }
  const { level, msg, component, time: _time, pid: _pid, hostname: _hostname, ...others } = entry;
  // The logger names the component of the child itself; a part inside it must not be a second field of that name.
  const fields = component === undefined ? others : { part: component, ...others };
  const message = typeof msg === "string" ? msg : "child says";
  // The levels of pino: debug 20, info 30, warn 40, error 50.
  if (level >= 50) logger.error(fields, message);
  else if (level >= 40) logger.warn(fields, message);
  else if (level >= 30) logger.info(fields, message);
  else logger.debug(fields, message);
}

function parseEntry(line: string): (Record<string, unknown> & { level: number }) | null {
  if (!line.startsWith("{")) return null;
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== "object" || parsed === null || !("level" in parsed)) return null;
    const { level } = parsed;
    return typeof level === "number" ? { ...parsed, level } : null;
  } catch {
    return null;
  }
}
