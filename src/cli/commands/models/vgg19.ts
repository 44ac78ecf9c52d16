import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchFile } from "../../../models/pull.ts";
import { vgg19, vgg19Releases } from "../../../models/vgg19.ts";
import { type Vgg19State, Vgg19Store } from "../../../models/vgg19-store.ts";
import type { Verified } from "../models.ts";
import { type AddedRow, cacheDirectoryOf, type PulledRow, type StoreOptions } from "./optional.ts";

type Installed = Extract<Vgg19State, { readonly kind: "installed" }>;

/** The part of `lintel models` that is about VGG-19, whose weights come in other formats than the networks of the door. */
export function vgg19StoreOf(options: StoreOptions): Vgg19Store {
  return new Vgg19Store({ cacheDirectory: cacheDirectoryOf(options) });
}

export async function addVgg19(store: Vgg19Store, file: string): Promise<AddedRow> {
  const state = await store.add(file);
  return { name: vgg19.name, sha256: state.sha256, what: whatOf(state) };
}

/** Fetches Keras' file. Its length is large: an hour is given. */
export async function pullVgg19(store: Vgg19Store): Promise<PulledRow> {
  const state = await store.state();
  if (state.kind === "installed") {
    return { name: vgg19.name, sha256: state.sha256, what: whatOf(state), outcome: "present" };
  }
  const bytes = await fetchFile(vgg19, { mirror: process.env.LINTEL_MODEL_MIRROR, timeoutMs: 3_600_000 });
  const folder = await mkdtemp(join(tmpdir(), "lintel-vgg19-"));
  try {
    // The HDF5 library reads files.
    const file = join(folder, vgg19.file);
    await writeFile(file, bytes);
    return { ...(await addVgg19(store, file)), outcome: "fetched" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A network that nobody installed is no fault. */
export async function verifyVgg19(store: Vgg19Store): Promise<Verified> {
  const { name, job, firstEightSha256 } = vgg19;
  const state = await store.state();
  const { licence } = vgg19Releases[state.kind === "installed" ? state.release : "oxford"];
  const row = { name, job, licence, installed: state.kind !== "absent", sha256: firstEightSha256 };
  if (state.kind === "absent") return { ...row, ok: true, detail: `optional, not installed (${vgg19.url})` };
  if (state.kind === "damaged") return { ...row, ok: false, detail: state.reason };
  return { ...row, sha256: state.sha256, ok: true, detail: whatOf(state) };
}

function whatOf({ convolutions, release }: Pick<Installed, "convolutions" | "release">): string {
  const part = convolutions === 16 ? "all 16 convolutions" : `the first ${convolutions} of 16 convolutions`;
  return release === "oxford" ? part : `${part}, in torchvision's format: no hash of them is known`;
}
