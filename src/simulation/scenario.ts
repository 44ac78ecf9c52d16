import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { z } from "zod";
import { errorText, LintelError } from "../core/errors.ts";
import { actorNamed, type Cast } from "./cast.ts";
import { prompts } from "./motion.ts";
import { Scene, type SceneOptions } from "./scene.ts";
import { speciesNames } from "./species.ts";

const seconds = z.number().min(0).max(86_400);

const appearance = z
  .strictObject({
    /** Seconds from the start. */
    at: seconds,
    actor: z.string().min(1),
    as: z.enum(speciesNames).default("walker"),
    leaveAt: seconds.optional(),
    from: z.enum(["left", "right"]).optional(),
    /** Metres from the camera, and to the right of its axis. */
    standM: z.number().min(0.45).max(1.8).optional(),
    besideM: z.number().min(-0.8).max(0.8).optional(),
    id: z.string().min(1).max(40).optional(),
  })
  .refine((entry) => entry.leaveAt === undefined || entry.leaveAt > entry.at, {
    path: ["leaveAt"],
    message: "must be later than at",
  });

/** Who comes when. The same file with the same seed gives the same pictures. */
export const scenarioSchema = z.strictObject({
  seed: z.number().int().nonnegative().default(1),
  exposure: z.number().min(0.05).max(2).default(1),
  noise: z.number().min(0).max(20).default(1.6),
  backlight: z.number().min(0).max(1).default(0),
  rollingMs: z.number().min(0).max(60).default(0),
  people: z.array(appearance).max(100).default([]),
  /** What the display is taken to show, for runs without one. */
  display: z
    .array(z.strictObject({ at: seconds, prompt: z.enum(prompts).nullable() }))
    .max(1_000)
    .default([]),
});
export type Scenario = z.infer<typeof scenarioSchema>;

/** Reads a scenario file. Throws `LINTEL_E_USAGE` with every error of it, one after the other. */
export async function readScenario(path: string): Promise<Scenario> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new LintelError("LINTEL_E_USAGE", `the scenario ${path} cannot be read: ${errorText(cause)}`, {
      hint: "Give the path of a YAML file such as config/scenarios/demo.yaml.",
      cause,
    });
  }
  return parseScenario(text, path);
}

export function parseScenario(text: string, name: string): Scenario {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw scenarioError(name, errorText(broken));
  const parsed = scenarioSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    throw scenarioError(
      name,
      parsed.error.issues.map((issue) => `${pathText(issue.path)}: ${issue.message}`).join("; "),
    );
  }
  const ids = parsed.data.people.map(idOf);
  const twice = ids.find((id, n) => ids.indexOf(id) !== n);
  if (twice !== undefined) throw scenarioError(name, `people: the id ${twice} is used twice`);
  return parsed.data;
}

/** The scene of a scenario, complete from the start. Throws `LINTEL_E_USAGE` for an actor who is not in the cast. */
export function sceneOf(
  scenario: Scenario,
  cast: Cast,
  stage: Pick<SceneOptions, "width" | "height" | "maker">,
): Scene {
  const { seed, exposure, noise, backlight, rollingMs } = scenario;
  const scene = new Scene(cast, { ...stage, seed, exposure, noise, backlight, rollingMs });
  scenario.people.forEach((entry, n) => {
    try {
      actorNamed(cast, entry.actor);
    } catch (error) {
      throw scenarioError("scenario", `people.${n}.actor: ${errorText(error)}`);
    }
    const { actor, as, from, standM, besideM } = entry;
    const leaveMs = entry.leaveAt === undefined ? undefined : entry.leaveAt * 1_000;
    scene.add({ id: idOf(entry, n), actor, as, from, standM, besideM, enterMs: entry.at * 1_000, leaveMs });
  });
  for (const { at, prompt } of [...scenario.display].sort((a, b) => a.at - b.at)) scene.ask(prompt, at * 1_000);
  return scene;
}

// --- internal ---

function idOf(entry: z.infer<typeof appearance>, n: number): string {
  return entry.id ?? `${n}-${entry.actor}-${entry.as}`;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "scenario" : path.map(String).join(".");
}

function scenarioError(name: string, problem: string): LintelError {
  return new LintelError("LINTEL_E_USAGE", `${name}: ${problem}`, {
    hint: "See config/scenarios/demo.yaml for every key.",
  });
}
