import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectControl } from "../../src/cli/control-client.ts";
import { BrokerClient, type EventMessage } from "../../src/cli/demo/broker-client.ts";
import { demoCast } from "../../src/cli/demo/demo-cast.ts";
import { type Shown, watchDisplay } from "../../src/cli/demo/display-watcher.ts";
import { freePort } from "../../src/cli/demo/ports.ts";
import type { RunningWorld, Simulator } from "../../src/cli/demo/simulators.ts";
import { type ChipObserver, observeChip } from "../../src/hal/gpio/simulated-observer.ts";
import type { RecordedEdge } from "../../src/hal/gpio/simulated-protocol.ts";
import { roles } from "../../src/simulation/roles.ts";
import type { WorldCommandInput } from "../../src/simulation/world-protocol.ts";
import { built, Daemon } from "./daemon.ts";
import { testModelCache } from "./model-cache.ts";
import { poll } from "./poll.ts";

/**
 * A whole installation in a folder of its own: simulated chip, simulated world, the daemon from `dist/`, free ports, and
 * those who look on. `LINTEL_KEEP=1` keeps the folder.
 */

export interface RigOptions {
  /** Merged over the rig's configuration, section by section. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** False: no world process (a camera of its own, or none). */
  readonly hasWorld?: boolean;
  readonly stateDirectory?: string;
}

/** One opening as the chip recorded it, monotonic milliseconds; `closedMs` is undefined while it is open. */
export type Opening = { readonly openedMs: number; readonly closedMs: number | undefined };

export const strikeLine = 0;
export const doorId = "rig";
export const personDeadlineMs = 25_000;
type Health = {
  ok: boolean;
  lock: string;
  people: number;
  vision: { isReady: boolean; camera: string; cameraProblem: string | null };
};

export class DoorRig {
  readonly folder = mkdtempSync(join(tmpdir(), "lintel-rig-"));
  readonly configFile = join(this.folder, "lintel.yaml");
  readonly chipSocket = join(this.folder, "gpio.sock");
  readonly cameraSocket = join(this.folder, "camera.sock");
  readonly stateDirectory: string;
  readonly shown: Shown[] = [];
  /** A display that works paints every step of a challenge; without one nothing is painted. */
  paints = true;
  /** The people in the world can read the display. */
  obeys = true;
  readonly #options: RigOptions;
  readonly #looking = new AbortController();
  readonly #daemons: Daemon[] = [];
  #ports = { web: 0, mqtt: 0 };
  #isWatching = false;
  #chipProcess: Simulator | undefined;
  #chip: ChipObserver | undefined;
  #world: RunningWorld | undefined;
  #broker: BrokerClient | undefined;

  private constructor(options: RigOptions) {
    this.#options = options;
    this.stateDirectory = options.stateDirectory ?? join(this.folder, "state");
  }

  /** Chip and world run, the configuration is written; no daemon yet. */
  static async prepare(options: RigOptions = {}): Promise<DoorRig> {
    const rig = new DoorRig(options);
    try {
      const { startChip } = await built<typeof import("../../src/cli/demo/simulators.ts")>("cli/demo/simulators.js");
      rig.#chipProcess = await startChip(rig.chipSocket);
      rig.#chip = await observeChip(rig.chipSocket);
      rig.#ports = { web: await freePort(0), mqtt: await freePort(0) };
      if (options.hasWorld !== false) await rig.startWorld();
      rig.configure();
      return rig;
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  /** All of it, ready to open for somebody. */
  static async open(options: RigOptions = {}): Promise<DoorRig> {
    const rig = await DoorRig.prepare(options);
    try {
      await rig.startDaemon();
      await rig.untilHealthy();
      return rig;
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  get chip(): ChipObserver {
    return this.#chip ?? missing("chip");
  }
  get world(): RunningWorld {
    return this.#world ?? missing("world");
  }
  get daemon(): Daemon {
    return this.#daemons.at(-1) ?? missing("daemon");
  }
  get webUrl(): string {
    return `http://127.0.0.1:${this.#ports.web}`;
  }
  get mqttPort(): number {
    return this.#ports.mqtt;
  }

  async startWorld(): Promise<void> {
    const { startWorld } = await built<typeof import("../../src/cli/demo/simulators.ts")>("cli/demo/simulators.js");
    this.#world = await startWorld({ socketPath: this.cameraSocket, cacheDirectory: testModelCache, seed: 1 });
  }

  /** Writes the configuration anew, with further changes; the next daemon reads it. */
  configure(changes: Readonly<Record<string, unknown>> = {}): void {
    const base = {
      stateDirectory: this.stateDirectory,
      door: { id: doorId },
      camera: { driver: "simulated", socket: this.cameraSocket, width: 640, height: 480 },
      gpio: { driver: "simulated", socketPath: this.chipSocket, outputs: { strike: { line: strikeLine } } },
      mqtt: { port: this.#ports.mqtt },
      lobby: { port: this.#ports.web },
      operations: { port: 0 },
      models: { cacheDirectory: testModelCache },
    };
    writeFileSync(this.configFile, JSON.stringify({ ...base, ...this.#options.config, ...changes }, null, 2));
  }

  /** Starts a daemon without waiting for anything. */
  async spawnDaemon(): Promise<Daemon> {
    const daemon = await Daemon.start(this.configFile, this.#options.environment);
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Starts a daemon and waits until it says that it is ready and holds the strike; the display is watched from then on. */
  async startDaemon(): Promise<Daemon> {
    const daemon = await this.spawnDaemon();
    await daemon.logged("started", 30_000);
    await this.untilLocked();
    if (!this.#isWatching) this.#watchDisplay();
    return daemon;
  }

  /** A request over the control socket. Rejects with the daemon's own words. */
  async ask(name: string, data: unknown = {}, onProgress?: (data: unknown) => void): Promise<unknown> {
    const client = await connectControl(this.stateDirectory);
    if (!client) throw new Error("no daemon runs");
    try {
      return await client.request(name, data, onProgress);
    } finally {
      client.close();
    }
  }

  async health(): Promise<Health> {
    return (await this.ask("health")) as Health;
  }

  async untilHealthy(fits: (health: Health) => boolean = ({ ok }) => ok, deadlineMs = 60_000): Promise<Health> {
    return poll(
      () => this.health(),
      fits,
      () => `health did not become so; ${JSON.stringify(this.daemon.lines.slice(-12))}`,
      deadlineMs,
    );
  }

  /** The guard has the strike: what is asked of the door from now on is not refused for want of it. */
  async untilLocked(): Promise<void> {
    await this.untilHealthy(({ lock }) => lock === "locked", 30_000);
  }

  /** The client of the embedded broker, connected at the first call. */
  async broker(): Promise<BrokerClient> {
    this.#broker ??= await BrokerClient.connect(`mqtt://127.0.0.1:${this.#ports.mqtt}`, doorId, 5000);
    return this.#broker;
  }

  /** Forgets the client: a new one is made at the next call. */
  async leaveBroker(): Promise<void> {
    await this.#broker?.close();
    this.#broker = undefined;
  }

  /** Listens from now on; the promise inside is the first event of these types. */
  async listen(types: readonly string[], deadlineMs = personDeadlineMs): Promise<{ event: Promise<EventMessage> }> {
    const broker = await this.broker();
    const event = new Promise<EventMessage>((resolve, reject) => {
      const stop = broker.onEvent((found) => {
        if (!types.includes(found.type)) return;
        clearTimeout(timer);
        stop();
        resolve(found);
      });
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`none of ${types.join(", ")} within ${deadlineMs} ms`));
      }, deadlineMs);
    });
    event.catch(() => {});
    return { event };
  }

  /** All events of the log. */
  async events(from = 0): Promise<EventMessage[]> {
    const answer = (await this.ask("events/replay", { from })) as { events: EventMessage[] };
    return answer.events;
  }

  async enrol(id: string, name: string, actor: string): Promise<void> {
    const { photoOf } = await demoCast(testModelCache);
    const photos = [Buffer.from(await photoOf(actor)).toString("base64")];
    const answer = (await this.ask("people/add", { id, name, photos })) as { templates: number };
    if (answer.templates !== 1) throw new Error(`${id} was not enrolled: ${JSON.stringify(answer)}`);
  }

  enrolAlice(): Promise<void> {
    return this.enrol("alice", "Alice Example", roles.enrolled);
  }

  enter(who: Omit<Extract<WorldCommandInput, { type: "enter" }>, "type">): void {
    this.world.command({ type: "enter", ...who });
  }

  /** Nobody is in view any more. */
  async clear(): Promise<void> {
    this.world.command({ type: "clear" });
    await this.world.untilEmpty();
  }

  /** Alice walks up; the grant that follows. */
  async letAliceIn(): Promise<EventMessage> {
    const { event } = await this.listen(["granted", "denied", "unknown", "spoof"]);
    this.enter({ id: "alice", actor: roles.enrolled });
    try {
      return await event;
    } finally {
      await this.clear();
    }
  }

  /** Number of edges so far: what comes after is new. */
  async mark(): Promise<number> {
    return (await this.chip.record()).length;
  }

  /** The strike opened, or opens within the deadline, after the mark. */
  opened(mark: number, deadlineMs = 3000): Promise<RecordedEdge> {
    return this.#edge(mark, true, deadlineMs);
  }

  locked(mark: number, deadlineMs = 8000): Promise<RecordedEdge> {
    return this.#edge(mark, false, deadlineMs);
  }

  /** Every opening of the strike since the mark. */
  async openings(mark = 0): Promise<Opening[]> {
    const found: { openedMs: number; closedMs: number | undefined }[] = [];
    for (const edge of (await this.chip.record(mark)).filter(({ line }) => line === strikeLine)) {
      const last = found.at(-1);
      if (edge.isActive) found.push({ openedMs: edge.atMs, closedMs: undefined });
      else if (last && last.closedMs === undefined) last.closedMs = edge.atMs;
    }
    return found;
  }

  async stop(): Promise<void> {
    this.#looking.abort();
    await this.leaveBroker().catch(() => {});
    for (const daemon of this.#daemons) {
      daemon.kill("SIGCONT");
      await daemon.stop();
    }
    await this.#chip?.close();
    await this.#world?.stop();
    await this.#chipProcess?.stop();
    if (process.env.LINTEL_KEEP === "1") process.stderr.write(`kept: ${this.folder}\n`);
    else rmSync(this.folder, { recursive: true, force: true });
  }

  #edge(mark: number, isActive: boolean, deadlineMs: number): Promise<RecordedEdge> {
    return this.chip.waitFor(
      (edge) => edge.line === strikeLine && edge.isActive === isActive && edge.sequence >= mark,
      deadlineMs,
    );
  }

  /** As the page does once it has painted a step. */
  async #acknowledge({ id, step, nonce }: NonNullable<Shown["challenge"]>): Promise<void> {
    await fetch(`${this.webUrl}/door/acknowledgements`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ challenge: id, step, nonce }),
    }).catch(() => {});
  }

  #watchDisplay(): void {
    this.#isWatching = true;
    void watchDisplay(`${this.webUrl}/door/events`, this.#looking.signal, (state) => {
      this.shown.push(state);
      this.#world?.command({ type: "prompt", prompt: this.obeys ? state.prompt : null });
      if (this.paints && state.challenge && !state.challenge.isRunning) void this.#acknowledge(state.challenge);
    });
  }
}

function missing(what: string): never {
  throw new Error(`the rig has no ${what}`);
}
