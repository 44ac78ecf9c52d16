import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorText, LintelError } from "../core/errors.ts";
import {
  type AcceptedFile,
  acceptedFile,
  type OptionalCatalogue,
  type OptionalNetwork,
  type OptionalNetworkName,
  optionalNetworkNames,
  optionalNetworks,
  sha256Of,
} from "./optional.ts";
import { isAbsent, writeWholeFile } from "./whole-file.ts";

/** What lies in the store under a name. */
export type InstalledState =
  | { readonly kind: "installed"; readonly file: AcceptedFile; readonly bytes: Uint8Array }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly reason: string };

/**
 * The optional networks as files `<cacheDirectory>/installed/<name>.onnx`. Whatever is added or read is checked against the pinned
 * hashes: nothing else is kept, and nothing else is opened.
 */
export class InstalledModels {
  readonly #directory: string;
  readonly #networks: OptionalCatalogue;

  constructor(options: { cacheDirectory: string; networks?: OptionalCatalogue }) {
    this.#directory = join(options.cacheDirectory, "installed");
    this.#networks = options.networks ?? optionalNetworks;
  }

  network(name: OptionalNetworkName): OptionalNetwork {
    return this.#networks[name];
  }

  /** The networks of which a file is there, sound or not. */
  async names(): Promise<OptionalNetworkName[]> {
    const found: OptionalNetworkName[] = [];
    for (const name of optionalNetworkNames) if (await this.#isThere(name)) found.push(name);
    return found;
  }

  async state(name: OptionalNetworkName): Promise<InstalledState> {
    const network = this.#networks[name];
    try {
      const bytes = await readModelFile(this.#file(name), network.maxBytes);
      const file = acceptedFile(network, bytes);
      if (file) return { kind: "installed", file, bytes };
      return { kind: "damaged", reason: `its SHA-256 is ${sha256Of(bytes)}, which is none of the pinned ones` };
    } catch (error) {
      return isAbsent(error) ? { kind: "absent" } : { kind: "damaged", reason: errorText(error) };
    }
  }

  /** Throws `LINTEL_E_MODEL` when the network is not installed or its file is not the pinned one. */
  async read(name: OptionalNetworkName): Promise<{ bytes: Uint8Array; sha256: string }> {
    const state = await this.state(name);
    if (state.kind === "installed") return { bytes: state.bytes, sha256: state.file.sha256 };
    const problem = state.kind === "absent" ? "is not installed" : `is damaged: ${state.reason}`;
    throw new LintelError("LINTEL_E_MODEL", `model ${name} ${problem}`, {
      hint: `Install it again (lintel models add FILE), or do without it: lintel models retire ${name}`,
    });
  }

  /**
   * Keeps the bytes as the network they are, recognised by their hash; `only` leaves no choice. Throws `LINTEL_E_UNREADABLE` when they are
   * no pinned file, and `LINTEL_E_STORAGE` when they cannot be written.
   */
  async add(bytes: Uint8Array, only?: OptionalNetworkName): Promise<{ name: OptionalNetworkName; file: AcceptedFile }> {
    for (const name of only === undefined ? optionalNetworkNames : [only]) {
      const file = acceptedFile(this.#networks[name], bytes);
      if (!file) continue;
      try {
        await writeWholeFile(this.#file(name), [bytes]);
      } catch (cause) {
        throw new LintelError("LINTEL_E_STORAGE", `model ${name} cannot be kept: ${errorText(cause)}`, { cause });
      }
      return { name, file };
    }
    const expected = only === undefined ? "a network that Lintel knows" : only;
    throw new LintelError("LINTEL_E_UNREADABLE", `SHA-256 ${sha256Of(bytes)} is not that of ${expected}`, {
      hint: "lintel models list shows which networks may be added",
    });
  }

  /** Says whether there was one. */
  async remove(name: OptionalNetworkName): Promise<boolean> {
    const wasThere = await this.#isThere(name);
    await rm(this.#file(name), { force: true });
    return wasThere;
  }

  async #isThere(name: OptionalNetworkName): Promise<boolean> {
    try {
      await stat(this.#file(name));
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw new LintelError("LINTEL_E_MODEL", `model ${name} cannot be read: ${errorText(error)}`, { cause: error });
    }
  }

  #file(name: OptionalNetworkName): string {
    return join(this.#directory, `${name}.onnx`);
  }
}

/** Reads a plain file up to a size. Throws what the file system throws, and `LINTEL_E_UNREADABLE` beyond the size. */
export async function readModelFile(file: string, maxBytes: number): Promise<Uint8Array> {
  const about = await stat(file);
  if (!about.isFile()) throw new LintelError("LINTEL_E_UNREADABLE", `${file} is not a file`);
  if (about.size > maxBytes) {
    throw new LintelError("LINTEL_E_UNREADABLE", `${file} is larger than ${maxBytes} bytes: no such network is`);
  }
  return readFile(file);
}
