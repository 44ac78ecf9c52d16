import { readFile } from "node:fs/promises";
import {
  type ArtCommand,
  type ArtMessage,
  type ArtOrder,
  artMessage,
  maxArtLineBytes,
} from "../../art/process/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { PhotoAnalyser } from "../api.ts";
import { type Child, type ChildExit, type ChildHandlers, startChild } from "../child-process.ts";
import { lowPriorityLauncher } from "./low-priority.ts";

/** How one attempt at a picture ended. */
export type PaintingEnd =
  | { readonly kind: "done"; readonly picture: Omit<Extract<ArtMessage, { type: "done" }>, "type"> }
  | { readonly kind: "failed"; readonly reason: string }
  /** A checkpoint was written and it ended as it was told to. */
  | { readonly kind: "resting" }
  /** Nobody is to blame (a full disk, say): it goes on later. */
  | { readonly kind: "postponed"; readonly reason: string }
  /** The process is to blame, or the machine: worth another attempt. */
  | { readonly kind: "broke"; readonly reason: string };

export interface PaintingListener {
  progress(message: Extract<ArtMessage, { type: "progress" }>): void;
  checkpoint(step: number): void;
  preview(): void;
  ended(end: PaintingEnd): void;
}

export interface PaintingProcessParts {
  readonly order: ArtOrder;
  readonly listener: PaintingListener;
  readonly analyser: PhotoAnalyser;
  readonly memoryMb: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Absent: a real process. */
  readonly launch?: (order: ArtOrder, handlers: ChildHandlers<ArtMessage>) => Child;
  readonly signal?: (pid: number, signal: "SIGSTOP" | "SIGCONT") => void;
  readonly residentMb?: (pid: number) => Promise<number>;
}

/** Without a word for so long (while it may run) it hangs; the largest network takes well under a minute for a step. */
const silenceMs = 10 * 60_000;
const memoryEveryMs = 2000;

/** One art process: watches over its memory and its silence, and holds it while somebody is at the door. */
export class PaintingProcess {
  readonly #parts: Required<PaintingProcessParts>;
  #child: Child | null = null;
  #end: PaintingEnd | null = null;
  #looks: Promise<string | null> = Promise.resolve(null);
  #isHeld = false;
  #heardMs = 0;
  #callOff: () => void = () => {};

  constructor(parts: PaintingProcessParts) {
    const { clock, timers, logger } = parts;
    this.#parts = {
      launch: (order, handlers) => launchArt(order, handlers, { clock, timers, logger }),
      signal: (pid, signal) => void process.kill(pid, signal),
      residentMb,
      ...parts,
    };
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { launch, order, clock } = this.#parts;
    this.#heardMs = clock.nowMs();
    this.#child = launch(order, { onMessage: (message) => this.#hear(message), onExit: (exit) => this.#exited(exit) });
    this.#watch();
  }

  /** Stops it where it stands: not one more instruction. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#signal("SIGSTOP");
  }

  goOn(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#heardMs = this.#parts.clock.nowMs();
    this.#signal("SIGCONT");
  }

  /** It writes a checkpoint after the running step and ends. */
  rest(): void {
    this.#command({ type: "rest" });
  }

  /** Ends it now, at most a second and a half from now; what was not written since the last checkpoint is lost. */
  async stop(): Promise<void> {
    this.#end ??= { kind: "resting" };
    this.goOn();
    await this.#child?.stop();
  }

  // --- internal ---

  #hear(message: ArtMessage): void {
    const { listener, logger } = this.#parts;
    this.#heardMs = this.#parts.clock.nowMs();
    switch (message.type) {
      case "look":
        this.#look(message.file, message.image);
        break;
      case "looked-all":
        void this.#looks.then((refusal) => {
          if (refusal === null) this.#command({ type: "go" });
          else this.#finish(refusal === unavailable ? { kind: "postponed", reason: refusal } : failed(refusal));
        });
        break;
      case "progress":
        listener.progress(message);
        break;
      case "checkpoint":
        listener.checkpoint(message.step);
        break;
      case "preview":
        listener.preview();
        break;
      case "trouble":
        logger.warn({ reason: message.reason }, "painting goes on with trouble");
        break;
      case "resting":
        this.#end ??= { kind: "resting" };
        break;
      case "done": {
        const { type: _type, ...picture } = message;
        this.#end ??= { kind: "done", picture };
        break;
      }
      case "failed":
        this.#end ??= message.mayHelpLater ? { kind: "postponed", reason: message.reason } : failed(message.reason);
        break;
    }
  }

  /** One after the other; the first refusal counts. */
  #look(file: string, image: string): void {
    const { analyser, logger } = this.#parts;
    this.#looks = this.#looks.then(async (refusal) => {
      if (refusal !== null) return refusal;
      try {
        const answer = await analyser.analyse(Buffer.from(image, "base64"), "comparison");
        if (answer.type === "photo-refused") return `${file} cannot be looked at: ${answer.detail}`;
        // What the landmarks do not bear out is a face on a wall or in a cloud.
        const faces = answer.faces.filter(({ reasons }) => !reasons.includes("not-a-face")).length;
        return faces === 0 ? null : faceRefusal(file, faces);
      } catch (error) {
        logger.warn({ reason: errorText(error) }, "picture could not be looked at");
        return unavailable;
      }
    });
  }

  /** The end is settled before the process has gone. */
  #finish(end: PaintingEnd): void {
    this.#end ??= end;
    this.#child?.kill();
  }

  #exited({ reason, signal }: ChildExit): void {
    this.#callOff();
    this.#child = null;
    const why = signal === "SIGKILL" ? `${reason} (out of memory, perhaps)` : reason;
    this.#parts.listener.ended(this.#end ?? { kind: "broke", reason: `the painting process ${why}` });
  }

  #command(command: ArtCommand): void {
    this.#child?.send(command);
  }

  #signal(signal: "SIGSTOP" | "SIGCONT"): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      this.#parts.signal(pid, signal);
    } catch (error) {
      this.#parts.logger.debug({ signal, reason: errorText(error) }, "painting process is gone");
    }
  }

  #watch(): void {
    this.#callOff = this.#parts.timers.after(memoryEveryMs, () => void this.#check().finally(() => this.#watchOn()));
  }

  #watchOn(): void {
    if (this.#child !== null) this.#watch();
  }

  async #check(): Promise<void> {
    const { clock, memoryMb } = this.#parts;
    const pid = this.#child?.pid;
    if (pid === undefined || this.#isHeld) return;
    if (clock.nowMs() - this.#heardMs > silenceMs) {
      this.#finish({ kind: "broke", reason: "the painting process hung" });
      return;
    }
    const usedMb = await this.#parts.residentMb(pid);
    if (usedMb <= memoryMb) return;
    this.#finish(failed(`it needed more than ${memoryMb} MB of memory (paint it smaller, or raise art.memoryMb)`));
  }
}

// --- internal ---

const unavailable = "the inputs could not be looked at";

const failed = (reason: string): PaintingEnd => ({ kind: "failed", reason });

function faceRefusal(file: string, faces: number): string {
  const what = faces === 1 ? "a face" : `${faces} faces`;
  return `${file} shows ${what} (to paint it all the same: touch '${file}.face-allowed' beside it)`;
}

function launchArt(
  order: ArtOrder,
  handlers: ChildHandlers<ArtMessage>,
  deps: { readonly clock: Clock; readonly timers: Timers; readonly logger: Logger },
): Child {
  const spec = {
    name: "art",
    entry: new URL("../../art/process/main.js", import.meta.url),
    launcher: lowPriorityLauncher(),
    schema: artMessage,
    maxLineBytes: maxArtLineBytes,
    isExpendable: true,
    firstMessage: order,
  };
  return startChild(spec, handlers, deps);
}

/** Resident memory of a process in MB; 0 where the system does not say. */
async function residentMb(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
