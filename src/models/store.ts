import { errorText } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { CompiledCache } from "./cache.ts";
import { catalogue, sourceSha256 } from "./catalogue.ts";
import { compileNetwork, type Form, formFor, versionOf } from "./compile.ts";
import type { NetworkContract, NetworkName } from "./contract.ts";
import { InstalledModels } from "./installed.ts";
import { isOptionalName, type OptionalCatalogue, type OptionalNetworkName } from "./optional.ts";
import { readSource } from "./source.ts";

/** A network that an engine can open. */
export interface CompiledModel {
  readonly name: NetworkName;
  /** An ONNX model: one input of shape [1, 3, height, width], outputs as the network's file documents. */
  readonly onnx: Uint8Array;
  readonly inputWidth: number;
  readonly inputHeight: number;
  /** SHA-256 of the source files (see `sourceSha256`), or of the installed file, hexadecimal. */
  readonly sha256: string;
}

/**
 * `processor`: said so that the runtime's kernels for this processor fit. `portable`: plain operations, for devices that other kernels
 * run on; ONNX Runtime's WebGPU (1.30) leaves out a margin at the end of a convolution with a unit kernel, which the form for x64 has.
 * `eight-bit`: for a processor that multiplies bytes, where the network has such a form (see `hasEightBitForm`).
 */
export type Purpose = "processor" | "portable" | "eight-bit";

const forms: Readonly<Record<Purpose, Form>> = {
  processor: formFor(process.arch),
  portable: "folded",
  "eight-bit": "eight-bit",
};

/**
 * Hands out the networks. The first time a packaged one is compiled from its npm package (a second at most), later it comes from the
 * cache directory. Trouble with the cache is one warning and costs time only; a source that is absent or not the pinned one
 * throws `LINTEL_E_MODEL`. An optional network is read as it was installed.
 */
export class ModelStore {
  readonly #cache: CompiledCache;
  readonly #installed: InstalledModels;
  readonly #logger: Logger;
  #toldUnkept = false;

  constructor(options: { cacheDirectory: string; logger: Logger; networks?: OptionalCatalogue }) {
    this.#cache = new CompiledCache(options.cacheDirectory);
    this.#installed = new InstalledModels(options);
    this.#logger = options.logger;
  }

  /** The optional networks that an operator has installed. */
  installed(): Promise<OptionalNetworkName[]> {
    return this.#installed.names();
  }

  async load(name: NetworkName, purpose: Purpose = "processor"): Promise<CompiledModel> {
    if (isOptionalName(name)) return this.#loadInstalled(name);
    const contract = catalogue[name];
    const sha256 = sourceSha256(contract);
    const onnx = await this.#onnx(contract, sha256, purpose);
    return { name, onnx, inputWidth: contract.input.width, inputHeight: contract.input.height, sha256 };
  }

  async #loadInstalled(name: OptionalNetworkName): Promise<CompiledModel> {
    const { input } = this.#installed.network(name);
    const { bytes, sha256 } = await this.#installed.read(name);
    return { name, onnx: bytes, inputWidth: input.width, inputHeight: input.height, sha256 };
  }

  async #onnx(contract: NetworkContract, sha256: string, purpose: Purpose): Promise<Uint8Array> {
    const form = forms[purpose];
    // Files of one network and purpose make way for each other.
    const prefix = `${purpose === "processor" ? "" : `${purpose}-`}${contract.name}-`;
    const key = `${prefix}${sha256.slice(0, 16)}-${versionOf(contract.name, form)}`;
    const cached = await this.#cache.read(key);
    if (cached.kind === "found") return cached.bytes;
    const onnx = compileNetwork(contract, await readSource(contract), form);
    const unkept = await this.#keep({ key, prefix }, onnx);
    this.#tell({ model: contract.name, damaged: cached.kind === "damaged" ? cached.reason : undefined, unkept });
    return onnx;
  }

  /** Says why the model could not be kept, or nothing. */
  async #keep({ key, prefix }: { key: string; prefix: string }, onnx: Uint8Array): Promise<string | undefined> {
    try {
      await this.#cache.write(key, onnx, prefix);
      return undefined;
    } catch (error) {
      return errorText(error);
    }
  }

  /** One line: a cache that cannot be written would otherwise be told of for each network. */
  #tell(fields: { model: NetworkName; damaged: string | undefined; unkept: string | undefined }): void {
    if (fields.unkept !== undefined) {
      if (!this.#toldUnkept) this.#logger.warn(fields, "compiled models cannot be kept, each start compiles again");
      this.#toldUnkept = true;
    } else if (fields.damaged !== undefined) this.#logger.warn(fields, "compiled model was damaged, compiled again");
    else this.#logger.debug(fields, "model compiled");
  }
}
