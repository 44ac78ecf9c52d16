import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import type { Clock } from "./clock.ts";
import { LintelError } from "./errors.ts";
import type { Timers } from "./timers.ts";

/**
 * One time for all processes of a simulated installation, so that empty hours can be skipped: a file of two numbers that
 * whoever directs the simulation writes and every process adds to its own clocks. Children inherit it with the environment.
 * Time only jumps while it is written; in between it passes as it does for everybody.
 *
 * What waits by itself and not through `Timers` (the connection to the broker, the patience with a camera) knows nothing
 * of it and goes by the machine's time.
 */
export interface TimeShift {
  /** Added to both clocks, milliseconds; never less than before. */
  readonly skippedMs: number;
  /** Added to the time of day alone: somebody has set the clock. */
  readonly wallMs: number;
}

export const timeSourceVariable = "LINTEL_TIME_SOURCE";

/** Two float64, little-endian. */
const fileBytes = 16;
/** A jump is noticed by whoever waits after this long at most. */
const lookAgainMs = 100;

/** Time as the file says it. The file stays open: a process that loses its time source could not go on anyway. */
export class TimeSource {
  readonly #descriptor: number;
  readonly #bytes = Buffer.alloc(fileBytes);

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Makes the file, with nothing shifted, for the one who directs. */
  static create(file: string): TimeSource {
    writeFileSync(file, Buffer.alloc(fileBytes), { mode: 0o600, flag: "wx" });
    return new TimeSource(openSync(file, "r+"));
  }

  /** For everybody else. Throws when there is no such file. */
  static open(file: string): TimeSource {
    return new TimeSource(openSync(file, "r"));
  }

  get shift(): TimeShift {
    const length = readSync(this.#descriptor, this.#bytes, 0, fileBytes, 0);
    if (length !== fileBytes) throw new Error("the time source was cut short");
    return { skippedMs: this.#bytes.readDoubleLE(0), wallMs: this.#bytes.readDoubleLE(8) };
  }

  /** Both clocks go forward at once. */
  skip(ms: number): void {
    if (!(ms >= 0)) throw new Error("time can be skipped forwards only");
    const { skippedMs, wallMs } = this.shift;
    this.#write({ skippedMs: skippedMs + ms, wallMs });
  }

  /** Somebody sets the time of day; the monotonic clock does not notice. */
  setWall(wallMs: number): void {
    this.#write({ skippedMs: this.shift.skippedMs, wallMs });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  // --- internal ---

  #write({ skippedMs, wallMs }: TimeShift): void {
    const bytes = Buffer.alloc(fileBytes);
    bytes.writeDoubleLE(skippedMs, 0);
    bytes.writeDoubleLE(wallMs, 8);
    writeSync(this.#descriptor, bytes, 0, fileBytes, 0);
  }
}

/** The time source that the environment names; undefined without one. */
export function timeSourceOf(environment: Readonly<Record<string, string | undefined>>): TimeSource | undefined {
  const file = environment[timeSourceVariable];
  return file === undefined || file === "" ? undefined : TimeSource.open(file);
}

/** A real strike is opened by the machine's own time. Throws `LINTEL_E_CONFIG` when the environment shifts it. */
export function requireMachineTime(environment: Readonly<Record<string, string | undefined>>): void {
  if (!environment[timeSourceVariable]) return;
  throw new LintelError("LINTEL_E_CONFIG", `${timeSourceVariable} is set, but the lines are not simulated`, {
    hint: "take it out of the environment: skipped time is for simulated doors alone",
  });
}

export function shiftedClock(clock: Clock, source: Pick<TimeSource, "shift">): Clock {
  return {
    nowMs: () => clock.nowMs() + source.shift.skippedMs,
    date: () => {
      const { skippedMs, wallMs } = source.shift;
      return new Date(clock.date().getTime() + skippedMs + wallMs);
    },
  };
}

/** Waits until the clock says so; looks at it again and again, because it may jump. */
export function shiftedTimers(timers: Timers, clock: Pick<Clock, "nowMs">): Timers {
  return {
    after: (delayMs, run) => {
      const dueMs = clock.nowMs() + delayMs;
      let callOff = () => {};
      const wait = (leftMs: number) => {
        callOff = timers.after(Math.min(leftMs, lookAgainMs), () => {
          const stillMs = dueMs - clock.nowMs();
          if (stillMs > 0) wait(stillMs);
          else run();
        });
      };
      wait(delayMs);
      return () => callOff();
    },
  };
}
