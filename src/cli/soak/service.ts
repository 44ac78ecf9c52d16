import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type DaemonProcess, startDaemon } from "../demo/daemon-process.ts";
import { processesBelow } from "./process-table.ts";
import { pause } from "./until.ts";

/** The processes of an installation by what their command line ends with. */
const kinds = {
  guard: /relay-guard\/main\.js/,
  photos: /vision\/main\.js --photos/,
  vision: /vision\/main\.js$/,
  art: /art\/process\/main\.js$/,
} as const;
export type ChildKind = keyof typeof kinds;

/** As the unit file says. */
const restartAfterMs = 500;

/** `lintel run` under a service manager that starts it again whenever it ends. */
export class Service {
  readonly #configFile: string;
  readonly #logFile: string;
  #process: DaemonProcess | undefined;
  #isWanted = false;
  /** Starts so far. */
  starts = 0;
  /** Lines of the log by their level. */
  readonly complaints = { warn: 0, error: 0 };
  /** What it said last, for a message about why it failed. */
  readonly tail: string[] = [];

  constructor(configFile: string, logFile: string) {
    this.#configFile = configFile;
    this.#logFile = logFile;
  }

  start(): void {
    this.#isWanted = true;
    this.#launch();
  }

  get pid(): number | undefined {
    return this.#process?.hasEnded === false ? this.#process.pid : undefined;
  }

  /** All processes of the installation that live now. */
  processes(): { readonly kind: ChildKind | "lintel"; readonly pid: number }[] {
    const { pid } = this;
    if (pid === undefined) return [];
    const found: { kind: ChildKind | "lintel"; pid: number }[] = [{ kind: "lintel", pid }];
    for (const { pid: child, command } of processesBelow(pid)) {
      for (const [kind, fits] of Object.entries(kinds)) {
        if (isKind(kind) && fits.test(command)) found.push({ kind, pid: child });
      }
    }
    return found;
  }

  child(kind: ChildKind): number | undefined {
    return this.processes().find((one) => one.kind === kind)?.pid;
  }

  /** Ends it with SIGKILL and starts nothing; gives back when it is gone. */
  async killForGood(): Promise<void> {
    this.#isWanted = false;
    this.#process?.kill("SIGKILL");
    await this.#process?.ended;
  }

  /** One start that is expected to fail: its exit code, or the signal that ended it. Null: it runs on, and is killed. */
  async tryStart(withinMs: number): Promise<number | string | null> {
    this.#isWanted = false;
    const started = this.#launch();
    const outcome = await Promise.race([started.ended, pause(withinMs).then(() => null)]);
    if (outcome === null) await this.killForGood();
    return outcome;
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    await this.#process?.stop();
  }

  // --- internal ---

  #launch(): DaemonProcess {
    const started = startDaemon({ configFile: this.#configFile });
    this.#process = started;
    this.starts += 1;
    createInterface({ input: started.log }).on("line", (line) => this.#heard(line));
    void started.ended.then(async () => {
      await pause(restartAfterMs);
      if (this.#isWanted && this.#process === started) this.#launch();
    });
    return started;
  }

  #heard(line: string): void {
    appendFileSync(this.#logFile, `${line}\n`);
    this.tail.push(line);
    if (this.tail.length > 40) this.tail.shift();
    if (line.includes('"level":"warn"')) this.complaints.warn += 1;
    if (line.includes('"level":"error"')) this.complaints.error += 1;
  }
}

// --- internal ---

function isKind(name: string): name is ChildKind {
  return name in kinds;
}
