import { request } from "./api.js";
import { byId, element } from "./elements.js";

const everyMs = 2000;

/** Shows the daemon's health while the panel is open. */
export function startHealth(isOpen) {
  const look = async () => {
    if (isOpen() && !document.hidden) {
      try {
        render(await request("health"));
      } catch {
        // The banner says that the daemon does not answer.
      }
    }
    setTimeout(look, everyMs);
  };
  look();
}

// --- internal ---

/** One card a part of the daemon; what is no part of anything is about the door. */
function render(health) {
  const isPart = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const own = Object.entries(health).filter(([name, value]) => name !== "ok" && !isPart(value));
  const parts = Object.entries(health).filter(([, value]) => isPart(value));
  const verdict = element("p", { class: health.ok ? "good" : "bad" }, health.ok ? "It works." : "It does not work.");
  byId("health").replaceChildren(
    card("Door", Object.fromEntries(own), verdict),
    ...parts.map(([name, value]) => card(words(name), value)),
  );
}

function card(title, values, ...more) {
  const list = element("dl");
  for (const [name, value] of flat(values)) list.append(element("dt", {}, name), element("dd", {}, value));
  return element("div", { class: "card" }, element("h2", {}, title), ...more, list);
}

/** Nested values by their path, in plain words. */
function flat(value, path = []) {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, inner]) => flat(inner, [...path, words(name)]));
  }
  return [[path.join(" · "), text(value)]];
}

function text(value) {
  if (value === null || value === undefined) return "–";
  if (value === true || value === false) return value ? "yes" : "no";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toFixed(2);
  if (Array.isArray(value)) return value.map(text).join(", ") || "–";
  const said = String(value);
  return said.length > 24 ? `${said.slice(0, 12)}…` : said;
}

/** `latencyMs` is "latency ms", `isReady` is "ready". */
function words(name) {
  const spaced = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return spaced.replace(/^is /, "").replace(/^./, (letter) => letter.toUpperCase());
}
