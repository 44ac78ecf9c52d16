/**
 * The one text of a JSON value: RFC 8785 (JSON Canonicalization Scheme). No white space, the keys of every object in the
 * order of their UTF-16 code units, strings and numbers as ECMAScript writes them. Takes what `JSON.parse` gives; throws a
 * TypeError for anything that is no JSON (undefined, functions, NaN, bigint, lone surrogates).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).sort(byKey);
    return `{${members.map(([key, member]) => `${text(key)}:${canonicalJson(member)}`).join(",")}}`;
  }
  if (typeof value === "string") return text(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  throw new TypeError(`a ${typeof value} has no canonical JSON`);
}

/** The text with every half of a surrogate pair that stands alone replaced by U+FFFD, as UTF-8 would. */
export function wellFormed(value: string): string {
  return surrogate.test(value) ? Buffer.from(value, "utf8").toString("utf8") : value;
}

// --- internal ---

const surrogate = /[\ud800-\udfff]/;

function text(value: string): string {
  if (surrogate.test(value) && wellFormed(value) !== value) throw new TypeError("half a surrogate pair is no text");
  return JSON.stringify(value);
}

/** The operator compares UTF-16 code units; `localeCompare` would not. */
function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
