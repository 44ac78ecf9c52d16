import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { systemClock } from "../../core/clock.ts";
import type { TimeSource } from "../../core/time-source.ts";
import { type ChipObserver, observeChip } from "../../hal/gpio/simulated-observer.ts";
import { connectControl } from "../control-client.ts";
import { demoCast } from "../demo/demo-cast.ts";
import { hangDemoPictures } from "../demo/demo-pictures.ts";
import { watchDisplay } from "../demo/display-watcher.ts";
import { freePort } from "../demo/ports.ts";
import { type RunningWorld, type Simulator, startChip, startWorld } from "../demo/simulators.ts";
import { SoakBroker } from "./broker.ts";
import type { Permit, StrikeEdge } from "./judge/openings.ts";
import { Service } from "./service.ts";
import { pause, until } from "./until.ts";

export const doorId = "soak";
const strikeLine = 0;
export const openSeconds = 2;
const diskMb = 48;
/** Until what was on its way between the processes has arrived. */
const quietMs = 300;

const healthAnswer = z.looseObject({
  ok: z.boolean(),
  lock: z.string(),
  people: z.int(),
  vision: z.looseObject({ isReady: z.boolean(), camera: z.string() }),
  mqtt: z.looseObject({ isConnected: z.boolean(), deliveredSeq: z.int(), waiting: z.int() }),
  audit: z.looseObject({ seq: z.int(), hash: z.string(), waiting: z.int(), lost: z.int() }),
  art: z.looseObject({
    pictures: z.int(),
    painting: z.looseObject({ step: z.int() }).nullable(),
    lastFailure: z.looseObject({ reason: z.string() }).nullable(),
  }),
});
export type HouseHealth = z.output<typeof healthAnswer>;

const loggedEvent = z.looseObject({ seq: z.int(), time: z.string(), type: z.string(), hash: z.string() });
export type HouseEvent = z.output<typeof loggedEvent>;
const replayAnswer = z.object({ events: z.array(loggedEvent), next: z.int().nullable() });

/** How the time of day stood from here on: an event says only what the clock showed. */
interface WallChange {
  readonly fromSeq: number;
  readonly wallMs: number;
}

/** A log that came to its end because a backup took its place. */
export interface LogPart {
  readonly events: readonly HouseEvent[];
  /** Event after which this part begins. */
  readonly after: number;
  readonly permits: readonly Permit[];
  /** Messages of the broker that belong to it: from, up to. */
  readonly delivered: readonly [number, number];
}

/** A whole installation in a folder of its own, on one time source, and those who look on. */
export class SoakHouse {
  readonly folder: string;
  readonly disk: string;
  readonly cacheDirectory: string;
  readonly configFile: string;
  /** False: the disk of the state is not one of its own, so it cannot be filled. */
  readonly hasOwnDisk: boolean;
  readonly time: TimeSource;
  readonly service: Service;
  readonly parts: LogPart[] = [];
  readonly #commands: Permit[] = [];
  readonly #looking = new AbortController();
  #wallChanges: WallChange[] = [{ fromSeq: 0, wallMs: 0 }];
  #deliveredFrom = 0;
  #partAfter = 0;
  #broker: SoakBroker | undefined;
  #chipProcess: Simulator | undefined;
  #chip: ChipObserver | undefined;
  #world: RunningWorld | undefined;

  private constructor(folder: string, time: TimeSource) {
    this.folder = folder;
    this.time = time;
    this.disk = join(folder, "disk");
    this.cacheDirectory = join(folder, "models");
    this.configFile = join(folder, "lintel.yaml");
    mkdirSync(this.disk);
    const mount = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${diskMb}m`, "none", this.disk]);
    this.hasOwnDisk = mount.status === 0;
    this.service = new Service(this.configFile, join(folder, "lintel.log"));
  }

  /** Everything runs, nobody is enrolled yet. `models`: compiled networks to start from. */
  static async open(place: { folder: string; time: TimeSource }, models: string, seed: number): Promise<SoakHouse> {
    const house = new SoakHouse(place.folder, place.time);
    try {
      if (existsSync(models)) cpSync(models, house.cacheDirectory, { recursive: true });
      await house.#build(seed);
      house.service.start();
      await house.untilHealthy(60_000);
      return house;
    } catch (error) {
      await house.stop();
      throw error;
    }
  }

  get stateDirectory(): string {
    return join(this.disk, "state");
  }
  get broker(): SoakBroker {
    return this.#broker ?? missing("broker");
  }
  get world(): RunningWorld {
    return this.#world ?? missing("world");
  }

  async ask(name: string, data: unknown = {}): Promise<unknown> {
    const client = await connectControl(this.stateDirectory);
    if (!client) throw new Error("no daemon runs");
    try {
      return await client.request(name, data);
    } finally {
      client.close();
    }
  }

  async health(): Promise<HouseHealth> {
    return healthAnswer.parse(await this.ask("health"));
  }

  untilHealthy(withinMs: number, fits: (health: HouseHealth) => boolean = ({ ok }) => ok): Promise<HouseHealth> {
    return until("the door is well", () => this.health(), { fits, withinMs });
  }

  /** A portrait, in base64. */
  async photoOf(actor: string): Promise<string> {
    const { photoOf } = await demoCast(this.cacheDirectory);
    return Buffer.from(await photoOf(actor)).toString("base64");
  }

  /** Events from a number on. */
  async events(from: number): Promise<HouseEvent[]> {
    const all: HouseEvent[] = [];
    for (let next: number | null = from; next !== null; ) {
      const page = replayAnswer.parse(await this.ask("events/replay", { from: next }));
      all.push(...page.events);
      next = page.next;
    }
    return all;
  }

  /** All edges of the strike so far. */
  async edges(): Promise<StrikeEdge[]> {
    const record = (await this.#chip?.record()) ?? [];
    return record.filter(({ line }) => line === strikeLine);
  }

  /** Opens by command and sees the strike move there and back. Gives back the milliseconds until it moved. */
  async unlock(seconds = 1): Promise<number> {
    const before = (await this.edges()).length;
    const atMs = systemClock.nowMs();
    const permit = { atMs, openMs: seconds * 1000, why: "command" };
    this.#commands.push(permit);
    try {
      await this.ask("door/unlock", { seconds });
    } catch (error) {
      this.#commands.splice(this.#commands.indexOf(permit), 1);
      throw error;
    }
    const moved = (edges: StrikeEdge[]) => edges.length >= before + 2;
    const edges = await until("the strike opens and locks", () => this.edges(), {
      fits: moved,
      withinMs: seconds * 1000 + 3000,
    });
    return (edges[before]?.atMs ?? Number.NaN) - atMs;
  }

  /**
   * Nobody is in view and the strike is locked, by the chip's record and as the door itself knows it: nothing would be cut
   * short by a jump of time. `openings`: how many there must have been, where one is about to begin.
   */
  async settle(openings = 0): Promise<void> {
    this.world.command({ type: "clear" });
    await this.world.untilEmpty();
    const withinMs = openSeconds * 1000 + 5000;
    await until("the strike is locked", () => this.edges(), {
      fits: (edges) => edges.length >= 2 * openings && edges.at(-1)?.isActive !== true,
      withinMs,
    });
    await until("the door is locked", () => this.health(), { fits: ({ lock }) => lock === "locked", withinMs });
    await pause(quietMs);
  }

  /** Somebody sets the clock of the machine. */
  async setWall(wallMs: number): Promise<void> {
    const { seq } = (await this.health()).audit;
    this.#wallChanges.push({ fromSeq: seq + 1, wallMs });
    this.time.setWall(wallMs);
  }

  /** Takes down the log and what permitted something, before another log takes its place; what it said must be out. */
  async closePart(): Promise<void> {
    await this.untilDelivered();
    // Whole: what the backup held may be delivered once more, and must be the same then.
    const events = await this.events(1);
    const after = this.#partAfter;
    const permits = this.#permitsOf(events.filter(({ seq }) => seq > after));
    this.parts.push({ events, after, permits, delivered: [this.#deliveredFrom, this.broker.delivered.length] });
  }

  /** The next part of the log begins after this event, which a backup holds. */
  beginPart(after: number): void {
    this.#partAfter = after;
    this.#deliveredFrom = this.broker.delivered.length;
    this.#wallChanges = [{ fromSeq: 0, wallMs: this.time.shift.wallMs }];
  }

  async untilDelivered(): Promise<void> {
    await this.untilHealthy(45_000, ({ mqtt, audit }) => mqtt.isConnected && mqtt.waiting === 0 && audit.waiting === 0);
  }

  async stop(): Promise<void> {
    this.#looking.abort();
    await this.service.stop();
    await this.#chip?.close();
    await this.#world?.stop();
    await this.#chipProcess?.stop();
    await this.#broker?.kill();
    if (this.hasOwnDisk) spawnSync("umount", [this.disk]);
  }

  // --- internal ---

  async #build(seed: number): Promise<void> {
    const { folder, cacheDirectory } = this;
    const [chipSocket, cameraSocket] = [join(folder, "gpio.sock"), join(folder, "camera.sock")];
    this.#chipProcess = await startChip(chipSocket);
    this.#chip = await observeChip(chipSocket);
    this.#world = await startWorld({ socketPath: cameraSocket, cacheDirectory, seed });
    const broker = new SoakBroker(await freePort(0), `lintel/${doorId}/event`);
    this.#broker = broker;
    await broker.start();
    const webPort = await freePort(0);
    const pictures = await hangDemoPictures(folder);
    const config = {
      stateDirectory: this.stateDirectory,
      door: { id: doorId, openSeconds, restSeconds: 0 },
      camera: { driver: "simulated", socket: cameraSocket, width: 640, height: 480 },
      gpio: { driver: "simulated", socketPath: chipSocket, outputs: { strike: { line: strikeLine } } },
      mqtt: { url: broker.url },
      lobby: { port: webPort },
      operations: { port: 0 },
      models: { cacheDirectory },
      art: {
        contentDirectory: pictures.LINTEL__art__contentDirectory,
        styleDirectory: pictures.LINTEL__art__styleDirectory,
        // a date that never comes: what is painted is asked for
        window: { from: "0 0 31 2 *", until: "0 1 * * *" },
        checkpointSteps: 1,
        checkpointSeconds: 0,
      },
    };
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
    void watchDisplay(`http://127.0.0.1:${webPort}/door/events`, this.#looking.signal, ({ prompt }) => {
      this.#world?.command({ type: "prompt", prompt });
    });
  }

  /** Grants of these events and the commands given, by the monotonic clock. */
  #permitsOf(events: readonly HouseEvent[]): Permit[] {
    const toMonotonicMs = systemClock.nowMs() - (systemClock.date().getTime() - this.time.shift.wallMs);
    const wallAt = (seq: number) => this.#wallChanges.findLast(({ fromSeq }) => fromSeq <= seq)?.wallMs ?? 0;
    const grants = events
      .filter(({ type }) => type === "granted")
      .map(({ seq, time, openMs }) => ({
        atMs: Date.parse(time) - wallAt(seq) + toMonotonicMs,
        openMs: Number(openMs),
        why: `event ${seq}`,
      }));
    return [...grants, ...this.#commands.splice(0)];
  }
}

// --- internal ---

function missing(what: string): never {
  throw new Error(`the house has no ${what}`);
}
