import type { Clock } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Timers } from "../core/timers.ts";
import { CameraServer } from "./camera-server.ts";
import { renderScene, type Scene } from "./scene.ts";
import type { WorldCommand, WorldMessage } from "./world-protocol.ts";

export interface WorldOptions {
  readonly scene: Scene;
  readonly socketPath: string;
  readonly fps: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Tells the director. */
  readonly answer: (answer: WorldMessage) => void;
}

/** The simulated lobby: a scene in real time, seen by cameras through a socket and directed by commands. */
export class World {
  readonly #options: WorldOptions;
  readonly #camera: CameraServer;
  readonly #startedMs: number;
  #present: readonly string[] = [];
  #isRunning = false;
  #isFrozen = false;
  /** The moment that is shown again and again; null: the present. */
  #repeatedMs: number | null = null;
  #cancelTick: () => void = () => {};
  #frames = 0;

  constructor(options: WorldOptions) {
    const { width, height } = options.scene.optics;
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#camera = new CameraServer({
      socketPath: options.socketPath,
      frameBytes: width * height * 3,
      logger: options.logger,
    });
  }

  /** Milliseconds of the scene. */
  get nowMs(): number {
    return this.#options.clock.nowMs() - this.#startedMs;
  }

  async start(): Promise<void> {
    await this.#camera.open();
    this.#isRunning = true;
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelTick();
    await this.#camera.close();
  }

  /** Does what the director says; what cannot be done is answered with `refused`. */
  async command(command: WorldCommand): Promise<void> {
    try {
      await this.#obey(command);
    } catch (error) {
      this.#options.answer({ type: "refused", reason: errorText(error) });
    }
    this.#tellPresent();
  }

  async #obey(command: WorldCommand): Promise<void> {
    const { scene } = this.#options;
    switch (command.type) {
      case "enter": {
        const { type: _, ...who } = command;
        scene.add({ ...who, enterMs: this.nowMs });
        return;
      }
      case "leave":
        if (!scene.leave(command.id, this.nowMs)) throw new Error(`nobody called ${command.id} is there`);
        return;
      case "prompt":
        scene.ask(command.prompt, this.nowMs);
        return;
      case "clear":
        scene.clear(this.nowMs);
        return;
      case "freeze":
        this.#isFrozen = true;
        return;
      case "repeat":
        this.#repeatedMs = this.nowMs;
        return;
      case "unplug":
        return this.#camera.close();
      case "replug":
        this.#isFrozen = false;
        this.#repeatedMs = null;
        return this.#camera.open();
    }
  }

  /** Frames keep to the beat of the start; one that is late is left out, not caught up with. */
  #schedule(): void {
    const periodMs = 1_000 / this.#options.fps;
    const elapsedMs = this.nowMs;
    this.#frames = Math.max(this.#frames + 1, Math.ceil(elapsedMs / periodMs));
    this.#cancelTick = this.#options.timers.after(this.#frames * periodMs - elapsedMs, () => this.#tick());
  }

  #tick(): void {
    const { scene } = this.#options;
    const nowMs = this.nowMs;
    scene.tidy(nowMs);
    this.#tellPresent();
    if (!this.#isFrozen) this.#camera.send((frame) => renderScene(scene, this.#repeatedMs ?? nowMs, frame));
    if (this.#isRunning) this.#schedule();
  }

  #tellPresent(): void {
    const ids = this.#options.scene.presentAt(this.nowMs);
    if (ids.length === this.#present.length && ids.every((id) => this.#present.includes(id))) return;
    this.#present = ids;
    this.#options.answer({ type: "present", ids: [...ids] });
  }
}
