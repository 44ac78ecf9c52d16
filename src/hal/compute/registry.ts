import { errorText, LintelError } from "../../core/errors.ts";
import type { PackagedNetworkName } from "../../pipeline/engine.ts";
import type { ComputeDriver, EngineParts, ModelSource } from "./driver.ts";
import { computeDrivers, driversFor, type EngineChoice, idOf } from "./drivers.ts";
import { openEightBitNetworks, type Precision, whyNoByteProducts } from "./eight-bit.ts";
import { TestedEngine } from "./self-test/tested-engine.ts";
import { maxUnfinished, TrialNotes } from "./trial-notes.ts";

export type { ModelSource };

export interface OpenEngineOptions extends EngineParts {
  /** As `compute.engine` in the configuration. */
  readonly engine: EngineChoice;
  /** As `compute.device` in the configuration. */
  readonly device: string;
  /** As `compute.precision` in the configuration; default float32. */
  readonly precision?: Precision;
  /** Where a trial that ends the process is remembered (see `TrialNotes`); absent: nowhere. */
  readonly notesPrefix?: string;
  /** Default: all of them. */
  readonly drivers?: readonly ComputeDriver[];
}

/** A device that does not answer for so long while it is tried is left alone. */
const trialMs = 30_000;

/** Networks that a device has to compute before it is preferred to another. */
const trialNetworks: readonly PackagedNetworkName[] = ["blazeface", "facemesh", "dlib", "faceres"];

/**
 * Picks the engine and the device. Every network is tested when it is opened (see `TestedEngine`). With `auto` a device that has another one
 * behind it proves itself on all networks first and is left out, with one line in the log, when it cannot; a software Vulkan is never
 * taken. A device that is named is not left for another. Throws `LINTEL_E_CONFIG` for a choice that does not exist or a package that is
 * not installed, `LINTEL_E_HARDWARE` for a named device that is missing, `LINTEL_E_MODEL` for one that computes wrongly. Eight bits are a
 * wish: where a processor lacks the instructions, or a network does not pass its test in them, one line in the log and floats instead.
 */
export async function openEngine(options: OpenEngineOptions): Promise<TestedEngine> {
  const { logger, drivers = computeDrivers } = options;
  const candidates = driversFor(options.engine, options.device, drivers);
  for (const [position, driver] of candidates.entries()) {
    const next = candidates[position + 1];
    if (!next) return openLast(driver, options);
    const opened = await tryDevice(driver, options);
    if (opened instanceof TestedEngine) return opened;
    const { isFault, reason } = opened;
    if (isFault) logger.warn({ device: idOf(driver), reason, next: idOf(next) }, "compute device left out");
    else logger.debug({ device: idOf(driver), reason }, "compute device not here");
  }
  throw new Error("cannot happen: the last driver is opened or throws");
}

// --- internal ---

/** The only one, or the one behind all others: it is used or there is none. */
async function openLast(driver: ComputeDriver, options: OpenEngineOptions): Promise<TestedEngine> {
  const presence = await driver.look();
  if (!presence.isPresent) throw named(driver, presence.problem);
  const { adapter, isSoftware } = presence;
  if (isSoftware === true) {
    options.logger.warn(
      { device: idOf(driver), adapter },
      "compute device is software, far slower than the processor itself",
    );
  }
  const engine = await openTested(driver, options, adapter).catch((error: unknown) => {
    throw error instanceof LintelError ? named(driver, error) : error;
  });
  options.logger.info({ engine: driver.engine, device: driver.device, adapter }, "compute engine");
  return engine;
}

/** Why a device is not used. */
interface LeftOut {
  /** It is there and does not do what it should. */
  readonly isFault: boolean;
  readonly reason: string;
}

async function tryDevice(driver: ComputeDriver, options: OpenEngineOptions): Promise<TestedEngine | LeftOut> {
  const notes = new TrialNotes(options.notesPrefix);
  try {
    const presence = await driver.look();
    if (!presence.isPresent) return { isFault: false, reason: presence.problem.message };
    if (presence.isSoftware === true && options.device === "auto") {
      return { isFault: false, reason: `${presence.adapter} is software` };
    }
    const against = await notes.begin(idOf(driver));
    if (against !== undefined) {
      const reason = `the process died ${maxUnfinished} times while it was tried; delete ${against} to try again`;
      return { isFault: true, reason };
    }
    try {
      return await onTrial(driver, options, presence.adapter);
    } finally {
      await notes.end(idOf(driver));
    }
  } catch (error) {
    return { isFault: true, reason: errorText(error) };
  }
}

/** Opens the device with all its networks. Rejects, and closes it, when one is not as it should be or does not come. */
async function onTrial(
  driver: ComputeDriver,
  options: OpenEngineOptions,
  adapter: string | undefined,
): Promise<TestedEngine> {
  let engine: TestedEngine | undefined;
  const trial = async () => {
    engine = await openTested(driver, options, adapter);
    for (const name of trialNetworks) await engine.open(name);
    return engine;
  };
  try {
    const opened = await within(trialMs, trial());
    options.logger.info({ engine: driver.engine, device: driver.device, adapter }, "compute engine");
    return opened;
  } catch (error) {
    await engine?.close().catch(() => {});
    throw error;
  }
}

async function openTested(
  driver: ComputeDriver,
  options: OpenEngineOptions,
  adapter: string | undefined,
): Promise<TestedEngine> {
  const { source, threads, logger } = options;
  const parts: EngineParts = { source, threads, logger };
  const engine = await driver.open(parts);
  const processor = computeDrivers.find((each) => idOf(each) === "onnx/cpu");
  const eightBit = (await allowsEightBit(driver, options)) ? openEightBitNetworks(parts) : undefined;
  if (!processor || driver.device === "cpu") return new TestedEngine({ engine, adapter, eightBit });
  return new TestedEngine({ engine, adapter, openProcessor: () => processor.open(parts) });
}

async function allowsEightBit(driver: ComputeDriver, { precision, logger }: OpenEngineOptions): Promise<boolean> {
  if (precision !== "int8") return false;
  const reason =
    idOf(driver) === "onnx/cpu" ? await whyNoByteProducts() : "only ONNX Runtime on the processor knows it";
  if (reason === undefined) return true;
  logger.warn(
    { device: idOf(driver), reason },
    "compute.precision int8 refused, all networks compute in 32-bit floats",
  );
  return false;
}

function named(driver: ComputeDriver, problem: LintelError): LintelError {
  const { code, message, hint } = problem;
  return new LintelError(code, `compute.device: ${driver.device}: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: problem,
  });
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
