import { errorText, LintelError } from "../../../core/errors.ts";
import type { Engine, Network, NetworkName } from "../../../pipeline/engine.ts";
import { deviation, type Outputs, type Reference, referenceOf, tolerance } from "./compare.ts";
import { testPicture } from "./picture.ts";
import { references } from "./references.ts";

/** What the test of a network found. */
export interface SelfTestResult {
  /** The largest difference to the reference, as a part of the output's range. */
  readonly deviation: number;
  /** `stored`: outputs kept with the program. `processor`: computed on this machine's processor just now. `none`: it gave numbers. */
  readonly against: "stored" | "processor" | "none";
}

export interface TestedEngineOptions {
  /** Untested. */
  readonly engine: Engine;
  /** What the device calls itself, where it has a name. */
  readonly adapter?: string | undefined;
  /** Opens the processor's own engine, for networks without a stored reference; absent where this is it. */
  readonly openProcessor?: () => Promise<Engine>;
}

/**
 * Hands out networks only after they have computed what they should: a device that computes rubbish must not open a door. The test is also
 * the first run, which is slower than those that follow. `open` throws `LINTEL_E_MODEL`.
 */
export class TestedEngine implements Engine {
  readonly name: string;
  readonly device: string;
  readonly adapter: string | undefined;
  readonly #engine: Engine;
  readonly #openProcessor: TestedEngineOptions["openProcessor"];
  readonly #networks = new Map<NetworkName, Promise<Network>>();
  readonly #results = new Map<NetworkName, SelfTestResult>();

  constructor({ engine, adapter, openProcessor }: TestedEngineOptions) {
    this.name = engine.name;
    this.device = engine.device;
    this.adapter = adapter;
    this.#engine = engine;
    this.#openProcessor = openProcessor;
  }

  /** Of the networks that passed so far. */
  get selfTests(): ReadonlyMap<NetworkName, SelfTestResult> {
    return this.#results;
  }

  async open(name: NetworkName): Promise<Network> {
    let network = this.#networks.get(name);
    if (network === undefined) {
      network = this.#openTested(name);
      this.#networks.set(name, network);
      network.catch(() => this.#networks.delete(name));
    }
    return network;
  }

  async close(): Promise<void> {
    this.#networks.clear();
    await this.#engine.close();
  }

  async #openTested(name: NetworkName): Promise<Network> {
    const network = await this.#engine.open(name);
    const outputs = await network.run(testPicture(name, network));
    const { reference, against } = await this.#referenceFor(name, outputs);
    const found = this.#deviation(name, outputs, reference);
    // Not a number is not within the tolerance either.
    if (!(found <= tolerance)) {
      throw this.#refused(name, `its numbers are off by ${(100 * found).toPrecision(2)} % of their range`);
    }
    this.#results.set(name, { deviation: found, against });
    return network;
  }

  async #referenceFor(
    name: NetworkName,
    outputs: Outputs,
  ): Promise<{ reference: Reference; against: SelfTestResult["against"] }> {
    const stored = references[name];
    if (stored) return { reference: stored, against: "stored" };
    if (!this.#openProcessor) return { reference: referenceOf(outputs), against: "none" };
    const processor = await this.#openProcessor();
    try {
      const network = await processor.open(name);
      const reference = referenceOf(await network.run(testPicture(name, network)));
      return { reference, against: "processor" };
    } finally {
      await processor.close();
    }
  }

  #deviation(name: NetworkName, outputs: Outputs, reference: Reference): number {
    try {
      return deviation(outputs, reference);
    } catch (error) {
      throw this.#refused(name, errorText(error));
    }
  }

  #refused(name: NetworkName, why: string): LintelError {
    const hint =
      this.device === "cpu"
        ? "Install the packages again (npm ci) and delete the folder with the compiled models."
        : "It is not used. Update its driver, or set compute.device to auto or cpu; lintel doctor repeats the test.";
    return new LintelError("LINTEL_E_MODEL", `${this.name} on ${this.device} computes ${name} wrongly: ${why}`, {
      hint,
    });
  }
}
