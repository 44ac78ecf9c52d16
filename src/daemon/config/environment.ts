import { parse } from "yaml";

/** Environment variables that override keys: `LINTEL__door__openSeconds=8` sets `door.openSeconds`. */
const prefix = "LINTEL__";

export type Overridden =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly path: string; readonly message: string };

/**
 * A copy of the raw document with the environment's overrides in it. Values are read as YAML scalars, so that numbers and
 * booleans are what they look like. Names that could reach an object's prototype are refused.
 */
export function applyEnvironment(raw: unknown, environment: Readonly<Record<string, string | undefined>>): Overridden {
  const value: unknown = structuredClone(raw);
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || text === undefined) continue;
    const keys = name.slice(prefix.length).split("__");
    const path = keys.join(".");
    if (keys.some((key) => key === "" || key === "__proto__" || key === "constructor" || key === "prototype")) {
      return { ok: false, path, message: `environment variable ${name} names no key` };
    }
    if (!isRecord(value)) return { ok: false, path: "", message: "the configuration must be a mapping of keys" };
    const problem = setKey(value, keys, readScalar(text));
    if (problem) return { ok: false, path, message: problem };
  }
  return { ok: true, value };
}

// --- internal ---

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function setKey(root: Record<string, unknown>, keys: readonly string[], value: unknown): string | undefined {
  let node = root;
  for (const key of keys.slice(0, -1)) {
    const next = node[key] ?? {};
    if (!isRecord(next)) return `${key} is no section`;
    node[key] = next;
    node = next;
  }
  const last = keys.at(-1);
  if (last !== undefined) node[last] = value;
  return undefined;
}

function readScalar(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}
