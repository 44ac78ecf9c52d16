import { canonicalJson, wellFormed } from "./canonical-json.ts";

const maxEventBytes = 16 * 1024;
/** A list of this many numbers in an event can only be a vector that strayed. */
const vectorLength = 32;
/** Longer texts are cut: what comes from outside never makes the log throw, and no vector fits in base64. */
const maxTextLength = 500;
/** What the log says itself; fields of these names are left out. */
const reserved: ReadonlySet<string> = new Set(["seq", "time", "type", "hash"]);

/**
 * The canonical JSON of what an event says. Throws for what must never be in an event: that is a fault of the program,
 * not of its input.
 */
export function serialiseFields(fields: Readonly<Record<string, unknown>>): string {
  const own = Object.fromEntries(Object.entries(fields).filter(([name]) => !reserved.has(name)));
  const plain: unknown = JSON.parse(JSON.stringify(own, (_key, value: unknown) => bounded(value)));
  const json = canonicalJson(plain);
  if (Buffer.byteLength(json) > maxEventBytes) throw new RangeError(`an event must stay below ${maxEventBytes} bytes`);
  return json;
}

// --- internal ---

function bounded(value: unknown): unknown {
  const isVector =
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    (Array.isArray(value) && value.length >= vectorLength && value.every((item) => typeof item === "number"));
  if (isVector) throw new TypeError("an event must not hold a vector or bytes");
  if (typeof value !== "string") return value;
  return wellFormed(value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value);
}
