import type { Clock } from "../core/clock.ts";
import { exitCode } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Timers } from "../core/timers.ts";
import type { Child, ChildExit, ChildHandlers } from "./child-process.ts";
import {
  defaultRestartRules,
  freshHistory,
  planRestart,
  type RestartHistory,
  type RestartRules,
} from "./restart-policy.ts";

export interface SupervisorOptions<Message> {
  readonly name: string;
  /** Starts one child; `startChild` with its spec bound. */
  launch(handlers: ChildHandlers<Message>): Child;
  /** A child that says nothing for this long is hung: it is killed and started again. */
  readonly silenceMs: number;
  /** The first message may take this long (loading networks); default: `silenceMs`. */
  readonly startupMs?: number;
  readonly restart?: RestartRules;
  onMessage(message: Message): void;
  /** A child was started; it has not said anything yet. */
  onUp?(): void;
  /** The child has ended, whoever wanted it. */
  onDown?(exit: ChildExit): void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

interface Running {
  readonly child: Child;
  readonly startedMs: number;
  isHung: boolean;
}

/** Keeps one child running until it is stopped. */
export class Supervisor<Message> {
  readonly #options: SupervisorOptions<Message>;
  #running: Running | null = null;
  #history: RestartHistory;
  #cancelRestart = () => {};
  #cancelWatch = () => {};
  #heardMs = 0;
  #isStopping = true;

  constructor(options: SupervisorOptions<Message>) {
    this.#options = options;
    this.#history = freshHistory(options.restart ?? defaultRestartRules);
  }

  /** The process id of the present child. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  get isUp(): boolean {
    return this.#running !== null;
  }

  start(): void {
    if (!this.#isStopping) return;
    this.#isStopping = false;
    this.#launch();
  }

  /** Ends the child and waits for it; nothing is started any more. Safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart();
    this.#cancelWatch();
    await this.#running?.child.stop();
  }

  /** False when there is no child or it does not read. */
  send(message: unknown): boolean {
    return this.#running?.child.send(message) ?? false;
  }

  /** Ends the present child at once; another one is started as after any ending. */
  replace(reason: string): void {
    if (!this.#running || this.#isStopping) return;
    this.#options.logger.error({ child: this.#options.name, reason }, "replacing child");
    this.#running.child.kill();
  }

  // --- internal ---

  #launch(): void {
    const { clock, launch, onMessage, onUp, startupMs, silenceMs } = this.#options;
    let isOver = false;
    let hasSpoken = false;
    const child = launch({
      onMessage: (message) => {
        if (isOver) return;
        this.#heardMs = clock.nowMs();
        // From its first word on it is held to the shorter silence.
        if (!hasSpoken) this.#watch();
        hasSpoken = true;
        onMessage(message);
      },
      onExit: (exit) => {
        isOver = true;
        this.#ended(exit);
      },
    });
    const startedMs = clock.nowMs();
    this.#running = { child, startedMs, isHung: false };
    this.#heardMs = startedMs + ((startupMs ?? silenceMs) - silenceMs);
    this.#watch();
    onUp?.();
  }

  /** Waits for silence. A wake that comes late itself (this process stood still) proves nothing and waits once more. */
  #watch(): void {
    const { clock, timers, silenceMs, logger, name } = this.#options;
    this.#cancelWatch();
    const dueMs = this.#heardMs + silenceMs;
    this.#cancelWatch = timers.after(dueMs - clock.nowMs(), () => {
      const nowMs = clock.nowMs();
      if (nowMs < this.#heardMs + silenceMs) {
        this.#watch();
      } else if (nowMs - dueMs > silenceMs / 2) {
        this.#heardMs = nowMs;
        this.#watch();
      } else if (this.#running) {
        logger.error({ child: name, silenceMs }, "child is silent, ending it");
        this.#running.isHung = true;
        this.#running.child.kill();
      }
    });
  }

  #ended(exit: ChildExit): void {
    const { clock, timers, logger, name, onDown, restart } = this.#options;
    this.#cancelWatch();
    const was = this.#running;
    this.#running = null;
    onDown?.(was?.isHung ? { ...exit, reason: "hung" } : exit);
    if (this.#isStopping) return;
    const nowMs = clock.nowMs();
    const ending = {
      nowMs,
      livedMs: was ? nowMs - was.startedMs : 0,
      isConfigurationError: exit.code === exitCode.config,
    };
    const plan = planRestart(this.#history, ending, restart);
    this.#history = plan.history;
    const fields = { child: name, reason: exit.reason, delayMs: plan.delayMs };
    if (plan.isSlow) logger.error(fields, "child keeps ending, trying slowly");
    else logger.warn(fields, "child ended, starting it again");
    this.#cancelRestart = timers.after(plan.delayMs, () => this.#launch());
  }
}
