import { request } from "./api.js";
import { act, byId, element } from "./elements.js";

const form = byId("enrol");
const said = byId("enrol-said");
let people = [];

export async function refreshPeople() {
  ({ people } = await request("people/list"));
  render();
}

export function startPeople() {
  byId("find").addEventListener("input", render);
  form.name.addEventListener("input", () => {
    if (!form.id.dataset.typed) form.id.value = idFrom(form.name.value);
  });
  form.id.addEventListener("input", () => {
    form.id.dataset.typed = form.id.value === "" ? "" : "yes";
  });
  byId("cancel-enrol").addEventListener("click", () => request("people/enroll/cancel").catch(() => {}));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const way = event.submitter?.value === "door" ? enrolAtDoor : enrolFromPhotographs;
    said.replaceChildren();
    const status = said.appendChild(element("li"));
    act(event.submitter ?? form.querySelector("button"), status, () => way(fields())).finally(() => {
      byId("cancel-enrol").hidden = true;
      refreshPeople().catch(() => {});
    });
  });
}

// --- internal ---

function fields() {
  const consent = form.consent.value.trim();
  return { id: form.id.value, name: form.name.value, ...(consent === "" ? {} : { consent }) };
}

function idFrom(name) {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, "-")
    .replace(/^[-._]+|-+$/g, "")
    .slice(0, 64);
}

/** One picture a request: each is told as soon as it is known. */
async function enrolFromPhotographs(person) {
  const files = [...form.photos.files];
  if (files.length === 0) throw new Error("Choose at least one photograph, or enrol at the door.");
  let templates = 0;
  for (const file of files) {
    const photos = [{ file: file.name.slice(-200), data: await base64(file) }];
    const answer = await request("people/add", { ...person, photos });
    templates = Math.max(templates, answer.templates);
    for (const { file: name, detail } of answer.refused) {
      said.append(element("li", { class: "problem" }, `${name}: ${detail}`));
    }
  }
  form.photos.value = "";
  return templates === 0 ? `${person.name} was not enrolled.` : `${person.name}: ${templates} templates.`;
}

const sentences = {
  started: ({ seconds }) => `The door waits ${seconds} seconds: ${form.name.value} may come to the camera now.`,
  seen: () => "Somebody new is there and is being asked to look.",
  view: ({ view, taken, of }) => `${taken} of ${of}: ${view}.`,
  challenge: () => "The display asks for what only a living person can do.",
  lost: () => "They went away: it starts again.",
  "not-alone": () => "More than one face is in view: only the person meant may stand there.",
  known: ({ person }) => `The person there is known already, as ${person}.`,
};

async function enrolAtDoor(person) {
  byId("cancel-enrol").hidden = false;
  const tell = (progress) => {
    const sentence = sentences[progress.stage]?.(progress);
    if (sentence) said.append(element("li", {}, sentence));
  };
  const { templates, recognised } = await request("people/enroll", { ...person, seconds: 120 }, tell);
  const check = recognised === false ? " But the door did not know them at the next look: do it again." : "";
  return `${person.name}: ${templates} templates.${check}`;
}

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

function render() {
  const wanted = byId("find").value.trim().toLowerCase();
  const fits = ({ id, name }) => `${id} ${name}`.toLowerCase().includes(wanted);
  byId("people-count").textContent = String(people.length);
  byId("people").replaceChildren(...people.filter(fits).slice(0, 500).map(row));
}

function row(person) {
  const remove = element("button", { class: "danger", "aria-label": `Remove ${person.name}` }, "Remove");
  remove.addEventListener("click", () => removePerson(person, remove));
  return element(
    "tr",
    person.enabled ? {} : { class: "disabled" },
    element("td", {}, person.name),
    element("td", {}, person.id),
    element("td", {}, person.groups.join(", ")),
    element("td", {}, String(person.templates)),
    element("td", {}, remove),
  );
}

/** The first click asks, the second within a moment removes. */
async function removePerson({ id, name }, button) {
  if (button.dataset.sure !== "yes") {
    button.dataset.sure = "yes";
    button.textContent = "Really remove?";
    setTimeout(() => {
      button.dataset.sure = "";
      button.textContent = "Remove";
    }, 4000);
    return;
  }
  said.replaceChildren();
  await act(button, said.appendChild(element("li")), async () => {
    await request("people/remove", { id });
    return `${name} was removed, with everything kept about them.`;
  });
  await refreshPeople();
}
