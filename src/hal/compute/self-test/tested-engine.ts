import { errorText, LintelError } from "../../../core/errors.ts";
import type { Engine, Network, NetworkName } from "../../../pipeline/engine.ts";
import type { EightBitNetworks, Precision } from "../eight-bit.ts";
import { deviation, eightBitTolerance, type Outputs, type Reference, referenceOf, tolerance } from "./compare.ts";
import { testPicture } from "./picture.ts";
import { eightBitReferences, references } from "./references.ts";

/** What the test of a network found. */
export interface SelfTestResult {
  /** The largest difference to the reference, as a part of the output's range. */
  readonly deviation: number;
  /** `stored`: outputs kept with the program. `processor`: computed on this machine's processor just now. `none`: it gave numbers. */
  readonly against: "stored" | "processor" | "none";
  readonly precision: Precision;
}

export interface TestedEngineOptions {
  /** Untested. */
  readonly engine: Engine;
  /** What the device calls itself, where it has a name. */
  readonly adapter?: string | undefined;
  /** Opens the processor's own engine, for networks without a stored reference; absent where this is it. */
  readonly openProcessor?: () => Promise<Engine>;
  /** Preferred where they compute what they should; `engine` has the networks in floats. */
  readonly eightBit?: EightBitNetworks | undefined;
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
  readonly #eightBit: EightBitNetworks | undefined;
  readonly #networks = new Map<NetworkName, Promise<Network>>();
  readonly #results = new Map<NetworkName, SelfTestResult>();

  constructor({ engine, adapter, openProcessor, eightBit }: TestedEngineOptions) {
    this.name = engine.name;
    this.device = engine.device;
    this.adapter = adapter;
    this.#engine = engine;
    this.#openProcessor = openProcessor;
    this.#eightBit = eightBit;
  }

  /** `int8` when at least one of the open networks computes so. */
  get precision(): Precision {
    return [...this.#results.values()].some(({ precision }) => precision === "int8") ? "int8" : "float32";
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
    await this.#eightBit?.engine.close();
  }

  async #openTested(name: NetworkName): Promise<Network> {
    const inEightBits = await this.#openEightBit(name);
    if (inEightBits) return inEightBits;
    const network = await this.#engine.open(name);
    const outputs = await network.run(testPicture(name, network));
    const { reference, against } = await this.#referenceFor(name, outputs);
    const found = this.#deviation(name, outputs, { reference, allowed: tolerance });
    this.#results.set(name, { deviation: found, against, precision: "float32" });
    return network;
  }

  async #openEightBit(name: NetworkName): Promise<Network | undefined> {
    const reference = eightBitReferences[name];
    if (!this.#eightBit || !reference) return undefined;
    try {
      const network = await this.#eightBit.engine.open(name);
      const outputs = await network.run(testPicture(name, network));
      const found = this.#deviation(name, outputs, { reference, allowed: eightBitTolerance });
      this.#results.set(name, { deviation: found, against: "stored", precision: "int8" });
      return network;
    } catch (error) {
      this.#eightBit.onRefused(name, errorText(error));
      return undefined;
    }
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

  #deviation(
    name: NetworkName,
    outputs: Outputs,
    { reference, allowed }: { reference: Reference; allowed: number },
  ): number {
    let found: number;
    try {
      found = deviation(outputs, reference);
    } catch (error) {
      throw this.#refused(name, errorText(error));
    }
    // Not a number is not within the tolerance either.
    if (found <= allowed) return found;
    throw this.#refused(name, `its numbers are off by ${(100 * found).toPrecision(2)} % of their range`);
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
