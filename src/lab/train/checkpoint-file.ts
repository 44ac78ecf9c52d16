import { z } from "zod";
import { sha256Of } from "../../models/optional.ts";
import type { MetricState } from "./train-metric.ts";

/** What a checkpoint belongs to: the options of the command that matter to the result, by their names. */
export type Settings = Readonly<Record<string, string | number>>;

/** Where a training of several models, one after the other, stands. */
export interface Training {
  readonly settings: Settings;
  /** SHA-256 of the samples. */
  readonly data: string;
  /** Of the models begun so far: all but the last have ended. */
  readonly models: readonly MetricState[];
}

/** First word of the file; the SHA-256 of what follows stands behind it. */
const magic = "lintel-training-checkpoint";

export function encodeTraining({ settings, data, models }: Training): Uint8Array {
  const content: z.input<typeof contentOfFile> = { format: 2, settings, data, models: models.map(packState) };
  const body = Buffer.from(JSON.stringify(content));
  return Buffer.concat([Buffer.from(`${magic} ${sha256Of(body)}\n`), body]);
}

/** Null for anything that is not, to the last bit, what `encodeTraining` gave. */
export function decodeTraining(bytes: Uint8Array): Training | null {
  const end = bytes.indexOf(0x0a);
  const body = bytes.subarray(end + 1);
  if (end < 0 || Buffer.from(bytes.subarray(0, end)).toString("latin1") !== `${magic} ${sha256Of(body)}`) return null;
  try {
    const { format: _, ...training } = contentOfFile.parse(JSON.parse(Buffer.from(body).toString("utf8")));
    return training;
  } catch {
    return null;
  }
}

// --- internal ---

/** Little-endian 32-bit floats; those that are no numbers too. */
const floats = z.base64().transform((text, context) => {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  if (bytes.length % 4 === 0) return new Float32Array(bytes.buffer);
  context.addIssue("expected whole 32-bit floats");
  return z.NEVER;
});
/** JSON has no word for a number that is none, which a loss may become. */
const number = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const count = z.int().nonnegative();

const unjudged = z.literal("not judged");
const step = z
  .tuple([number, number, z.union([number, unjudged])])
  .transform(([loss, active, judged]) => ({ loss, active, judged }));
const state = z
  .strictObject({
    history: z.array(step),
    kept: z.strictObject({ step: count, judged: z.union([number, unjudged]), weights: z.array(floats) }),
    seconds: z.number().nonnegative(),
    random: count,
    going: z.union([
      z.enum(["steps", "patience"]),
      z.strictObject({
        weights: z.array(floats),
        adam: z.strictObject({ means: z.array(floats), squares: z.array(floats) }),
      }),
    ]),
  })
  .transform(({ history, kept, ...rest }): MetricState => {
    const reports = history.map(({ loss, active, judged }, i) => {
      return { step: i + 1, loss, active, ...(judged === "not judged" ? {} : { judged }) };
    });
    return { history: reports, kept: { ...kept, judged: kept.judged === "not judged" ? null : kept.judged }, ...rest };
  });
const contentOfFile = z.strictObject({
  format: z.literal(2),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  data: z.string(),
  models: z.array(state),
});

function packState({ history, kept, going, ...rest }: MetricState): z.input<typeof state> {
  return {
    ...rest,
    history: history.map(({ loss, active, judged }) => [loss, active, judged ?? "not judged"]),
    kept: { ...kept, judged: kept.judged ?? "not judged", weights: kept.weights.map(packed) },
    going:
      typeof going === "string"
        ? going
        : {
            weights: going.weights.map(packed),
            adam: { means: going.adam.means.map(packed), squares: going.adam.squares.map(packed) },
          },
  };
}

function packed(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}
