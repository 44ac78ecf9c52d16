import { errorText } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { CompiledCache } from "./cache.ts";
import { catalogue, sourceSha256 } from "./catalogue.ts";
import { compileNetwork, compilerVersion } from "./compile.ts";
import type { NetworkName } from "./contract.ts";
import { readSource } from "./source.ts";

/** A network that an engine can open. */
export interface CompiledModel {
  readonly name: NetworkName;
  /** An ONNX model: input `input` of shape [1, 3, height, width], outputs as the network's file documents. */
  readonly onnx: Uint8Array;
  readonly inputWidth: number;
  readonly inputHeight: number;
  /** SHA-256 of the source files (see `sourceSha256`), hexadecimal. */
  readonly sha256: string;
}

/**
 * Hands out the networks. The first time one is compiled from its npm package (a second at most), later it comes from the
 * cache directory. Trouble with the cache is one warning and costs time only; a source that is absent or not the pinned one
 * throws `LINTEL_E_MODEL`.
 */
export class ModelStore {
  readonly #cache: CompiledCache;
  readonly #logger: Logger;

  constructor(options: { cacheDirectory: string; logger: Logger }) {
    this.#cache = new CompiledCache(options.cacheDirectory);
    this.#logger = options.logger;
  }

  async load(name: NetworkName): Promise<CompiledModel> {
    const contract = catalogue[name];
    const sha256 = sourceSha256(contract);
    const key = `${name}-${sha256.slice(0, 16)}-v${compilerVersion}`;
    const onnx = (await this.#cached(name, key)) ?? (await this.#compile(name, key));
    return { name, onnx, inputWidth: contract.input.width, inputHeight: contract.input.height, sha256 };
  }

  async #cached(name: NetworkName, key: string): Promise<Uint8Array | undefined> {
    const found = await this.#cache.read(key);
    if (found.kind === "found") return found.bytes;
    if (found.kind === "damaged") {
      this.#logger.warn(
        { model: name, file: found.file, reason: found.reason },
        "compiled model unusable, compiling again",
      );
    }
    return undefined;
  }

  async #compile(name: NetworkName, key: string): Promise<Uint8Array> {
    const contract = catalogue[name];
    const onnx = compileNetwork(contract, await readSource(contract));
    try {
      await this.#cache.write(key, onnx);
      this.#logger.debug({ model: name, bytes: onnx.byteLength }, "model compiled");
    } catch (error) {
      this.#logger.warn({ model: name, reason: errorText(error) }, "compiled model not kept, cache not writable");
    }
    return onnx;
  }
}
