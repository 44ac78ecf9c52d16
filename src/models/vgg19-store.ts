import { rm } from "node:fs/promises";
import { join } from "node:path";
import { LintelError } from "../core/errors.ts";
import { CompiledCache } from "./cache.ts";
import { sha256Of } from "./optional.ts";
import { type Vgg19ReleaseName, vgg19, vgg19Convolutions, weightBytes } from "./vgg19.ts";
import { isPinned, readVgg19 } from "./vgg19-files.ts";

/** What lies in the store. */
export type Vgg19State =
  | {
      readonly kind: "installed";
      readonly weights: Uint8Array;
      readonly release: Vgg19ReleaseName;
      readonly convolutions: number;
      readonly sha256: string;
    }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly reason: string };

/** Names of the files: a new one takes the place of the other. */
const keys = { oxford: "vgg19", torchvision: "vgg19-torchvision" } as const satisfies Record<Vgg19ReleaseName, string>;
const releases = ["oxford", "torchvision"] as const;

/**
 * VGG-19 as `<cacheDirectory>/installed/vgg19.model`, or `vgg19-torchvision.model`: its weights behind their SHA-256, which is checked
 * whenever they are read.
 */
export class Vgg19Store {
  readonly #directory: string;
  readonly #files: CompiledCache;

  constructor(options: { cacheDirectory: string }) {
    this.#directory = join(options.cacheDirectory, "installed");
    this.#files = new CompiledCache(this.#directory);
  }

  async state(): Promise<Vgg19State> {
    for (const release of releases) {
      const state = await this.#stateOf(release);
      if (state.kind !== "absent") return state;
    }
    return { kind: "absent" };
  }

  /** Keeps what a file holds (see `readVgg19`) and says how many convolutions that are. Throws `LINTEL_E_UNREADABLE`. */
  async add(file: string): Promise<Extract<Vgg19State, { kind: "installed" }>> {
    const { weights, release } = await readVgg19(file);
    try {
      await this.#files.write(keys[release], weights, "vgg19");
    } catch (cause) {
      throw new LintelError("LINTEL_E_STORAGE", "model vgg19 cannot be kept", { cause });
    }
    return this.read();
  }

  /** Throws `LINTEL_E_MODEL` when it is not installed or damaged. */
  async read(): Promise<Extract<Vgg19State, { kind: "installed" }>> {
    const state = await this.state();
    if (state.kind === "installed") return state;
    const problem = state.kind === "absent" ? "is not installed" : `is damaged: ${state.reason}`;
    throw new LintelError("LINTEL_E_MODEL", `model vgg19 ${problem}`, {
      hint: `Fetch it (lintel models pull vgg19), add it (lintel models add ${vgg19.file}), or paint with mobilenet.`,
    });
  }

  /** Says whether there was one. */
  async remove(): Promise<boolean> {
    const wasThere = (await this.state()).kind !== "absent";
    for (const release of releases) await rm(join(this.#directory, `${keys[release]}.model`), { force: true });
    return wasThere;
  }

  // --- internal ---

  async #stateOf(release: Vgg19ReleaseName): Promise<Vgg19State> {
    const found = await this.#files.read(keys[release]);
    if (found.kind === "absent") return found;
    if (found.kind === "damaged") return { kind: "damaged", reason: found.reason };
    const { bytes: weights } = found;
    const convolutions = vgg19Convolutions.findIndex((_, index) => weightBytes(index + 1) === weights.byteLength) + 1;
    if (convolutions === 0 || (release === "oxford" && !isPinned(weights)))
      return { kind: "damaged", reason: "its weights are not the known ones" };
    return { kind: "installed", weights, release, convolutions, sha256: sha256Of(weights) };
  }
}
