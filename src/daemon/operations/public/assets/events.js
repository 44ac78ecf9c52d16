import { byId, element } from "./elements.js";

const kept = 200;
const tones = {
  granted: "good",
  denied: "warn",
  unknown: "warn",
  spoof: "bad",
  forced: "bad",
  held: "bad",
  tamper: "bad",
  duress: "bad",
  tailgating: "bad",
};
/** What stands in columns of its own, or says nothing to a reader. */
const left = new Set(["seq", "time", "type", "previous", "hash"]);

export function addEvent(event) {
  const fields = Object.entries(event)
    .filter(([name]) => !left.has(name))
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  const list = byId("events");
  list.prepend(
    element(
      "li",
      { "data-seq": String(event.seq) },
      element("time", { datetime: event.time }, new Date(event.time).toLocaleTimeString("en-GB")),
      element("span", { class: tones[event.type] ?? "" }, event.type),
      element("span", { class: "quiet" }, fields.join(", ")),
    ),
  );
  while (list.children.length > kept) list.lastElementChild.remove();
}
