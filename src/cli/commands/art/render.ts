import { availableParallelism } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { contactSheet } from "../../../art/contact-sheet.ts";
import type { PaintInputs, Painting, PaintProgress, StyleInput } from "../../../art/paint.ts";
import { encodePicture } from "../../../art/picture.ts";
import {
  featureNetworkNames,
  type LayerWeight,
  optimisers,
  type PaintSettings,
  paintModes,
  paintSettings,
} from "../../../art/settings.ts";
import { variantsOf } from "../../../art/variants.ts";
import { LintelError } from "../../../core/errors.ts";
import { writePicture } from "../../art-files.ts";
import { openPainter } from "../../open-painter.ts";
import { print } from "../../output.ts";
import { paintingBar } from "../../painting-bar.ts";

interface Options extends Record<string, unknown> {
  readonly content?: string;
  readonly startFrom?: string;
  readonly out: string;
  readonly preview?: boolean;
  readonly variants?: boolean;
  readonly threads: number;
  readonly json?: boolean;
}

/** Options that are settings under the same name. */
const settingNames = [
  ...["mode", "network", "size", "aspect", "steps", "coarsestSize", "seed", "start", "contentWeight", "styleWeight"],
  ...["contentLayers", "styleLayers", "preserveColour", "styleScale", "totalVariation", "learningRate", "optimiser"],
] as const;

const shape = "{seconds, stepMs, loss:[…], network, engine, size, width, height, steps, finished, fidelity, out}";
const examples = `
Examples:
  lintel art render --content lobby.jpg --style waves.jpg --out painted.jpg
  lintel art render --content lobby.jpg --style waves.jpg:2 --style mosaic.jpg:1 --size 1920 --steps 400 --out painted.png
  lintel art render --content lobby.jpg --style waves.jpg --preserve-colour luminance --preview --out painted.jpg
  lintel art render --content lobby.jpg --style waves.jpg --variants --size 256 --steps 100 --out sheet.jpg
  lintel art render --content lobby.jpg --style waves.jpg --mask sky.png --style mosaic.jpg --out painted.jpg
  lintel art render --content lobby.jpg --style waves.jpg --size 3840 --steps 300 --out wall.jpg
  lintel art render --content lobby.jpg --style waves.jpg --optimiser lbfgs --steps 100 --out painted.jpg
  lintel art render --mode texture --style bark.jpg --aspect 1.78 --out texture.png
  lintel art render --mode inversion --content lobby.jpg --content-layers pw7 --out seen.png
  lintel art render --mode dream --content lobby.jpg --content-layers pw6 --out dreamt.jpg

Control-C ends early and writes what there is; a second one writes nothing. docs/art.md explains every setting.`;

export function artRenderCommand(): Command {
  const styles = styleChoices();
  const { shape: settings } = paintSettings;
  const about = (name: keyof typeof settings) => settings[name].description ?? "";
  return new Command("render")
    .description("Paint one picture: a content photograph in the style of others.")
    .option("--content <file>", "the photograph to be painted")
    .option("--style <file[:weight]>", "a picture in whose style, with a weight; may be repeated", styles.add)
    .option(
      "--mask <file>",
      "where the style before it is wanted: a picture, white there and black elsewhere",
      styles.mask,
    )
    .requiredOption("--out <file>", "where the painting goes: .jpg, .png or .webp")
    .option("--size <n>", `${about("size")} (512)`, number)
    .option("--steps <n>", `${about("steps")} (200)`, number)
    .option("--seed <n>", `${about("seed")} (1)`, number)
    .addOption(new Option("--mode <mode>", about("mode")).choices(paintModes))
    .addOption(new Option("--network <name>", about("network")).choices(featureNetworkNames))
    .option("--aspect <n>", about("aspect"), number)
    .option("--content-weight <n>", `alpha: ${about("contentWeight")}`, number)
    .option("--style-weight <n>", "beta (1)", number)
    .option("--content-layers <layer[:weight],…>", about("contentLayers"), layers)
    .option("--style-layers <layer[:weight],…>", about("styleLayers"), layers)
    .addOption(new Option("--preserve-colour <how>", about("preserveColour")).choices(["none", "luminance", "affine"]))
    .option("--style-scale <n>", `${about("styleScale")} (1)`, number)
    .option("--total-variation <n>", `${about("totalVariation")} (1)`, number)
    .option("--learning-rate <n>", about("learningRate"), number)
    .addOption(new Option("--optimiser <name>", about("optimiser")).choices(optimisers))
    .option("--coarsest-size <n>", `${about("coarsestSize")} (256)`, number)
    .addOption(new Option("--start <what>", about("start")).choices(["content", "noise", "picture"]))
    .option("--start-from <file>", "the picture for --start picture")
    .option("--preview", "also write the picture while it is painted, beside the output")
    .option("--variants", "paint nine variants (content weight by stroke size) on one contact sheet")
    .option("--threads <n>", "threads to compute with", number, Math.min(4, availableParallelism()))
    .option("--json", `print ${shape}`)
    .addHelpText("after", examples)
    .action((options: Options) => render(options, styles.all));
}

// --- internal ---

async function render(options: Options, styles: readonly StyleInput[]): Promise<void> {
  const settings = settingsOf(options);
  await checkOutput(options.out);
  const inputs = inputsOf(options, styles);
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  try {
    if (options.variants === true) await paintVariants(options, { settings, inputs, signal: ending.signal });
    else await paintOne(options, { settings, inputs, signal: ending.signal });
  } finally {
    process.off("SIGINT", end);
    process.off("SIGTERM", end);
  }
}

interface Work {
  readonly settings: PaintSettings;
  readonly inputs: PaintInputs;
  readonly signal: AbortSignal;
}

async function paintOne(options: Options, work: Work): Promise<void> {
  const previews = options.preview === true ? new Previews(options.out) : undefined;
  const painting = await paint(options, work, previews);
  await writePicture(options.out, painting.picture);
  print(options, documentOf(painting, options.out), () => textOf(painting, options.out));
}

async function paint(options: Options, { settings, inputs, signal }: Work, previews?: Previews): Promise<Painting> {
  const bar = paintingBar();
  try {
    const onStep = (progress: PaintProgress) => {
      bar.update(progress);
      previews?.take(progress);
    };
    return await openPainter(options.threads).paint(settings, inputs, { signal, onStep });
  } finally {
    bar.stop();
    await previews?.done();
  }
}

async function paintVariants(options: Options, work: Work): Promise<void> {
  const tiles = [];
  const paintings = [];
  for (const { caption, settings } of variantsOf(work.settings)) {
    if (work.signal.aborted) break;
    const painting = await paint(options, { ...work, settings });
    paintings.push({ caption, ...documentOf(painting, options.out) });
    tiles.push({ picture: painting.picture, caption });
  }
  await writePicture(options.out, await contactSheet(tiles, 3));
  print(options, { variants: paintings, out: options.out }, () => `${tiles.length} variants on ${options.out}`);
}

/** Intermediate pictures beside the output, one for each tenth of the steps. */
class Previews {
  readonly #out: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(out: string) {
    this.#out = out;
  }

  take({ step, steps, preview }: PaintProgress): void {
    const every = Math.max(1, Math.round(steps / 10));
    if (step % every !== 0 || step === steps) return;
    const extension = extname(this.#out);
    const name = `${basename(this.#out, extension)}.step-${String(step).padStart(String(steps).length, "0")}${extension}`;
    const picture = preview();
    this.#writing = this.#writing.then(() => writePicture(join(dirname(this.#out), name), picture));
    // Told by `done`.
    this.#writing.catch(() => undefined);
  }

  done(): Promise<void> {
    return this.#writing;
  }
}

function documentOf({ provenance, isFinished }: Painting, out: string) {
  const { seconds, stepMs, loss, network, engine, width, height, steps, fidelity } = provenance;
  const size = Math.max(width, height);
  return {
    seconds,
    stepMs,
    loss,
    network: network.name,
    engine,
    size,
    width,
    height,
    steps,
    finished: isFinished,
    fidelity,
    out,
  };
}

function textOf({ provenance, isFinished }: Painting, out: string): string {
  const { seconds, steps, width, height, fidelity, network } = provenance;
  const first = `${out}: ${width} x ${height}, ${steps} steps with ${network.name} in ${seconds.toFixed(1)} s`;
  const { styleDistance, contentCorrelation } = fidelity;
  const lines = [isFinished ? first : `${first} (ended early)`];
  if (styleDistance !== null) lines.push(`  distance to the style: ${(100 * styleDistance).toFixed(1)} % of its start`);
  if (contentCorrelation !== null) lines.push(`  correlation with the content: ${contentCorrelation.toFixed(2)}`);
  return lines.join("\n");
}

function settingsOf(options: Options): PaintSettings {
  const chosen = settingNames.map((name) => [name, options[name]] as const).filter(([, value]) => value !== undefined);
  const start = options.startFrom === undefined ? {} : { start: "picture" };
  const parsed = paintSettings.safeParse({ ...start, ...Object.fromEntries(chosen) });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LintelError("LINTEL_E_USAGE", `${issue?.path.join(".") ?? "settings"}: ${issue?.message ?? "not valid"}`, {
    hint: "lintel art render --help shows what may be set",
  });
}

function inputsOf({ content, startFrom }: Options, styles: readonly StyleInput[]): PaintInputs {
  return {
    styles,
    ...(content === undefined ? {} : { content: { file: content } }),
    ...(startFrom === undefined ? {} : { start: { file: startFrom } }),
  };
}

/** Before an hour of painting, not after it. */
async function checkOutput(file: string): Promise<void> {
  await encodePicture({ rgb: new Uint8Array(3), width: 1, height: 1 }, file);
}

/** The styles of one command line, to each of which the mask that follows it belongs. */
function styleChoices() {
  const all: StyleInput[] = [];
  return {
    all,
    /** `file` or `file:weight`; a colon that no number follows belongs to the name. */
    add(this: void, text: string): void {
      const found = /^(.+):(\d+(?:\.\d+)?)$/.exec(text);
      all.push(found ? { file: found[1] ?? text, weight: Number(found[2]) } : { file: text, weight: 1 });
    },
    mask(this: void, file: string): void {
      const last = all.pop();
      if (last === undefined || last.mask !== undefined) {
        throw new InvalidArgumentError("a mask follows the style that it is for, and each style has one at most");
      }
      all.push({ ...last, mask: file });
    },
  };
}

function layers(text: string): LayerWeight[] {
  return text.split(",").map((part) => {
    const [layer = "", weight = "1"] = part.split(":");
    return { layer, weight: number(weight) };
  });
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("not a number");
  return value;
}
