/**
 * The few forms of Jinja that our templates use, with Home Assistant's results: `value_json.a.b`, the filters
 * `replace('x', 'y')` and `default('x')`, and `'x' in value_json.a`. Throws for any other form.
 */
export function renderTemplate(template: string, payload: string): string {
  const expression = /^\{\{ (.+) \}\}$/.exec(template)?.[1];
  if (expression === undefined) throw new Error(`no simple template: ${template}`);
  if (expression === "value") return payload;
  const json: unknown = JSON.parse(payload);
  const member = /^'([^']*)' in (value_json[\w.]*)$/.exec(expression);
  if (member) {
    const list = lookUp(json, member[2] ?? "");
    if (!Array.isArray(list)) throw new Error(`${member[2]} is no list`);
    return asText(list.includes(member[1]));
  }
  const [path = "", ...filters] = expression.split(" | ");
  let value = lookUp(json, path);
  for (const filter of filters) {
    const [, name, first = "", second = ""] = /^(\w+)\('([^']*)'(?:, '([^']*)')?\)$/.exec(filter) ?? [];
    if (name === "replace") value = asText(value).replaceAll(first, second);
    else if (name === "default") value = value === undefined ? first : value;
    else throw new Error(`no such filter: ${filter}`);
  }
  return asText(value);
}

// --- internal ---

/** Undefined where the path leads nowhere, as in Jinja: also a member of None. */
function lookUp(json: unknown, path: string): unknown {
  if (!/^value_json(\.\w+)+$/.test(path)) throw new Error(`no simple path: ${path}`);
  let value = json;
  for (const key of path.split(".").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

/** As Python prints it. */
function asText(value: unknown): string {
  if (value === undefined) return "";
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}
