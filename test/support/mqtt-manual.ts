import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** docs/mqtt.md as a test reads it: what to type, and what comes back. */

export interface ManualExample {
  /** Last heading before it. */
  readonly title: string;
  /** As it stands there, without the comments. */
  readonly command: string;
  /** The comment below it. */
  readonly result: string | null;
}

export function readManual(): ManualExample[] {
  const page = readFileSync(fileURLToPath(new URL("../../docs/mqtt.md", import.meta.url)), "utf8");
  const found = page.matchAll(/^#+ (?<title>.+)$|^```sh\n(?<block>[\s\S]*?)^```$/gm);
  const examples: ManualExample[] = [];
  let title = "";
  for (const { groups } of found) {
    if (groups?.title !== undefined) title = groups.title;
    const lines = groups?.block?.trimEnd().split("\n") ?? [];
    if (lines.length === 0) continue;
    const result = lines.find((line) => line.startsWith("# "))?.slice(2) ?? null;
    examples.push({ title, result, command: lines.filter((line) => !line.startsWith("# ")).join("\n") });
  }
  return examples;
}

/**
 * Where an answer is not what the manual shows: every field shown must be there with the same kind of value; a list that
 * is shown with something in it must have something in it. `null` stands for anything. Empty: it is as shown.
 */
export function differences(shown: unknown, actual: unknown, path = "$"): string[] {
  if (shown === null) return actual === undefined ? [`${path} is missing`] : [];
  if (Array.isArray(shown)) {
    if (!Array.isArray(actual)) return [`${path} is no list`];
    if (shown.length === 0) return [];
    return actual.length === 0 ? [`${path} is empty`] : differences(shown[0], actual[0], `${path}[0]`);
  }
  if (typeof shown === "object") {
    if (typeof actual !== "object" || actual === null || Array.isArray(actual)) return [`${path} is no object`];
    const fields = actual as Record<string, unknown>;
    return Object.entries(shown).flatMap(([key, value]) => differences(value, fields[key], `${path}.${key}`));
  }
  if (typeof shown !== typeof actual) return [`${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(shown)}`];
  return [];
}
