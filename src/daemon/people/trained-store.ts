import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errorText, LintelError } from "../../core/errors.ts";
import { sha256Of } from "../../models/optional.ts";
import { isAbsent, writeWholeFile } from "../../models/whole-file.ts";
import type { TrainedModel } from "../../pipeline/matching/trained.ts";

/** What is said of a trained model beside its numbers. */
export interface TrainedAbout {
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly people: number;
  readonly pictures: number;
  /** What its trial said, in words. */
  readonly trial: string;
}

export interface ActiveModel {
  readonly sha256: string;
  readonly model: TrainedModel;
  readonly about: TrainedAbout;
}

const maxBytes = 8 * 1024 * 1024;
/** Models before the active one that a roll-back can return to. */
const maxEarlier = 9;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const pointer = z.strictObject({ active: sha256.nullable(), earlier: z.array(sha256.nullable()).max(maxEarlier) });
type Pointer = z.infer<typeof pointer>;

const numbers = z.base64().transform((text, context) => {
  const bytes = Buffer.from(text, "base64");
  const values = Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readFloatLE(i * 4));
  if (bytes.length % 4 === 0 && values.every(Number.isFinite)) return values;
  context.addIssue("expected whole, finite 32-bit floats");
  return z.NEVER;
});
const common = {
  format: z.literal(1),
  knots: z
    .array(z.tuple([z.number(), z.number()]))
    .min(2)
    .max(64),
  about: z.strictObject({
    madeAt: z.string(),
    people: z.int().nonnegative(),
    pictures: z.int().nonnegative(),
    trial: z.string().max(2000),
  }),
};
const layer = z.strictObject({ matrix: numbers, bias: numbers });
const modelFile = z
  .discriminatedUnion("kind", [
    z.strictObject({ ...common, kind: z.literal("adapter"), layers: z.array(layer).min(1).max(4) }),
    z.strictObject({
      ...common,
      kind: z.literal("head"),
      form: z.enum(["absolute", "chi-square"]),
      weights: numbers,
      bias: z.number(),
    }),
  ])
  .refine((model) => (model.kind === "adapter" ? fits(model.layers) : model.weights.length === inputs), {
    message: "its layers do not fit to each other",
  });

/** Length of the vectors that a trained model takes. */
const inputs = 128;

function fits(layers: readonly { readonly matrix: Float32Array; readonly bias: Float32Array }[]): boolean {
  let width = inputs;
  return layers.every(({ matrix, bias }) => {
    const isFitting = bias.length > 0 && matrix.length === width * bias.length;
    width = bias.length;
    return isFitting;
  });
}

/**
 * Trained models of one door: `<stateDirectory>/trained/<sha256>.json`, and `active.json`, which names the one in force and those before
 * it. A file that is not what its name says is never used.
 */
export class TrainedStore {
  readonly #directory: string;

  constructor(stateDirectory: string) {
    this.#directory = join(stateDirectory, "trained");
  }

  /** The model in force, or null without one. Throws `LINTEL_E_MODEL` when its file is absent, altered or not understood. */
  active(): ActiveModel | null {
    const { active } = this.#pointer();
    if (active === null) return null;
    try {
      const bytes = this.#read(`${active}.json`);
      if (sha256Of(bytes) !== active) throw new Error("its SHA-256 is another");
      const { format: _, about, ...model } = modelFile.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
      return { sha256: active, model, about };
    } catch (cause) {
      const reason = cause instanceof z.ZodError ? "it is not understood" : errorText(cause);
      throw new LintelError("LINTEL_E_MODEL", `trained model ${active.slice(0, 12)} cannot be used: ${reason}`, {
        hint: "Do without it: lintel train rollback",
        cause,
      });
    }
  }

  /** Keeps a model and puts it in force; gives its SHA-256. */
  async activate(model: TrainedModel, about: TrainedAbout): Promise<string> {
    const bytes = Buffer.from(JSON.stringify(fileOf(model, about)));
    const name = sha256Of(bytes);
    const { active, earlier } = this.#pointer();
    await writeWholeFile(join(this.#directory, `${name}.json`), [bytes]);
    await this.#point({ active: name, earlier: [active, ...earlier].slice(0, maxEarlier) });
    return name;
  }

  /** Returns to what was in force before: another model, or none (null). False when there is nothing to return from. */
  async rollBack(): Promise<{ readonly from: string; readonly to: string | null } | false> {
    const { active, earlier } = this.#pointer();
    if (active === null) return false;
    const [to = null, ...rest] = earlier;
    await this.#point({ active: to, earlier: rest });
    return { from: active, to };
  }

  // --- internal ---

  #pointer(): Pointer {
    try {
      return pointer.parse(JSON.parse(Buffer.from(this.#read("active.json")).toString("utf8")));
    } catch (cause) {
      if (isAbsent(cause)) return { active: null, earlier: [] };
      throw new LintelError("LINTEL_E_MODEL", `${join(this.#directory, "active.json")} is not understood`, {
        hint: "Remove the file: the door then compares as without a trained model.",
        cause,
      });
    }
  }

  #point(next: Pointer): Promise<void> {
    return writeWholeFile(join(this.#directory, "active.json"), [Buffer.from(JSON.stringify(next))]);
  }

  #read(name: string): Uint8Array {
    const file = join(this.#directory, name);
    if (statSync(file).size > maxBytes) throw new Error("it is too large");
    return readFileSync(file);
  }
}

// --- internal ---

function fileOf(model: TrainedModel, about: TrainedAbout): z.input<typeof modelFile> {
  const knots = model.knots.map(([from, to]): [number, number] => [from, to]);
  if (model.kind === "head") {
    return {
      format: 1,
      kind: "head",
      form: model.form,
      weights: packed(model.weights),
      bias: model.bias,
      knots,
      about,
    };
  }
  const layers = model.layers.map(({ matrix, bias }) => ({ matrix: packed(matrix), bias: packed(bias) }));
  return { format: 1, kind: "adapter", layers, knots, about };
}

function packed(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}
