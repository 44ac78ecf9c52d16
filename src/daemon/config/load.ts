import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { errorText, LintelError } from "../../core/errors.ts";
import { crossChecks } from "./cross-checks.ts";
import { applyEnvironment } from "./environment.ts";
import type { ConfigProblem } from "./problem.ts";
import { type LintelConfig, lintelConfig } from "./schema.ts";

export type ConfigResult =
  | { readonly ok: true; readonly config: LintelConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Reads, overrides from the environment, checks everything and reports all problems at once. Never throws. */
export function checkConfig(file: string, environment: Readonly<Record<string, string | undefined>>): ConfigResult {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return refuse("", `cannot read ${file}: ${errorText(error)}`, "name a readable YAML file with --config");
  }
  return parseConfig(text, dirname(resolve(file)), environment);
}

/** The same from text; relative paths inside count from `baseDirectory`. */
export function parseConfig(
  text: string,
  baseDirectory: string,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigResult {
  const document = parseDocument(text, { prettyErrors: true, maxAliasCount: 20 } as Parameters<
    typeof parseDocument
  >[1]);
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map((error) => ({
        path: "",
        message: `not valid YAML: ${error.message.split("\n", 1)[0] ?? ""}`,
        hint: "mend the line named; indentation is spaces, two a level",
      })),
    };
  }
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 20 }) ?? {};
  } catch (error) {
    return refuse("", `not valid YAML: ${errorText(error)}`, "remove the repeated aliases");
  }
  const overridden = applyEnvironment(raw, environment);
  if (!overridden.ok) return refuse(overridden.path, overridden.message, "mend or unset the environment variable");
  const parsed = lintelConfig.safeParse(overridden.value);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.flatMap(describeIssue) };
  const config = withAbsolutePaths(parsed.data, baseDirectory);
  const problems = crossChecks(config);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config };
}

/** For commands that cannot go on without one: throws `LINTEL_E_CONFIG` with every problem in its text. */
export function loadConfig(file: string, environment: Readonly<Record<string, string | undefined>>): LintelConfig {
  const result = checkConfig(file, environment);
  if (result.ok) return result.config;
  const list = result.problems.map((problem) => `${problem.path || file}: ${problem.message} (${problem.hint})`);
  throw new LintelError("LINTEL_E_CONFIG", `configuration: ${list.join("; ")}`, {
    hint: `lintel check-config ${file} lists the problems`,
  });
}

// --- internal ---

function refuse(path: string, message: string, hint: string): ConfigResult {
  return { ok: false, problems: [{ path, message, hint }] };
}

function describeIssue(issue: z.core.$ZodIssue): ConfigProblem[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: path === "" ? key : `${path}.${key}`,
      message: "unknown key",
      hint: "remove it or mend its spelling; config/lintel.yaml shows every key",
    }));
  }
  return [{ path, message: issue.message, hint: "config/lintel.yaml shows every key with its range and default" }];
}

function withAbsolutePaths(config: LintelConfig, baseDirectory: string): LintelConfig {
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(baseDirectory, path));
  return {
    ...config,
    art: withFolders(config.art, absolute),
    stateDirectory: absolute(config.stateDirectory),
    fleet: {
      ...config.fleet,
      ...(config.fleet.keyFile === undefined ? {} : { keyFile: absolute(config.fleet.keyFile) }),
    },
    gallery: config.gallery.keyFile === undefined ? {} : { keyFile: absolute(config.gallery.keyFile) },
    models: {
      cacheDirectory: absolute(config.models.cacheDirectory ?? join(absolute(config.stateDirectory), "models")),
    },
  };
}

/** The folders of pictures, those that are named. */
function withFolders(art: LintelConfig["art"], absolute: (path: string) => string): LintelConfig["art"] {
  const folders = (["contentDirectory", "styleDirectory", "directory"] as const).flatMap((key) => {
    const path = art[key];
    return path === undefined ? [] : [[key, absolute(path)] as const];
  });
  return { ...art, ...Object.fromEntries(folders) };
}
