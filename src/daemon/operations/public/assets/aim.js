import { lines } from "./api.js";
import { byId, element } from "./elements.js";

const panel = document.querySelector('[data-panel="aim"]');
const said = panel.querySelector(".said");
const canvas = byId("aim-picture");
let looking;

export function startAim() {
  byId("aim-start").addEventListener("click", look);
  byId("aim-stop").addEventListener("click", stopAim);
}

export function stopAim() {
  looking?.abort();
}

// --- internal ---

async function look() {
  looking = new AbortController();
  setLooking(true, "Waiting for the camera…");
  let ending = "Ten minutes are over.";
  try {
    const response = await fetch("/api/aim", { signal: looking.signal });
    if (!response.ok) throw new Error((await response.text()).trim());
    for await (const picture of lines(response)) if (picture.image) await show(picture);
  } catch (error) {
    ending = error.name === "AbortError" ? "" : error.message;
  }
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  byId("aim-faces").replaceChildren();
  setLooking(false, ending);
}

function setLooking(isLooking, text) {
  byId("aim-start").hidden = isLooking;
  byId("aim-stop").hidden = !isLooking;
  said.textContent = text;
}

async function show({ image, frame, faces }) {
  const bytes = Uint8Array.from(atob(image), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  canvas.width = frame.width;
  canvas.height = frame.height;
  const pen = canvas.getContext("2d");
  pen.drawImage(bitmap, 0, 0, frame.width, frame.height);
  bitmap.close();
  for (const [index, face] of faces.entries()) drawBox(pen, face, index + 1);
  said.textContent = faces.length === 0 ? "No face in view." : "";
  byId("aim-faces").replaceChildren(...faces.map(describe));
}

function drawBox(pen, { box, face }, number) {
  const [x, y, width, height] = box;
  pen.lineWidth = 3;
  pen.strokeStyle = face && face.reasons.length === 0 ? "#4fd18b" : "#f2b84b";
  pen.strokeRect(x, y, width, height);
  pen.font = "bold 20px sans-serif";
  pen.fillStyle = pen.strokeStyle;
  pen.fillText(String(number), x + 6, y + 22);
}

function describe({ face, liveness }, index) {
  const list = element("dl");
  const add = (name, text) => list.append(element("dt", {}, name), element("dd", {}, text));
  add("Face", String(index + 1));
  if (face) {
    add("Width", `${Math.round(face.faceWidthPx)} px`);
    add("Light", `${Math.round(face.brightness)} of 255`);
    add("Sharpness", String(Math.round(face.sharpness)));
    add("Turned", `${Math.round(face.pose.yawDeg)}°, ${Math.round(face.pose.pitchDeg)}°`);
    add("Fit to judge", face.reasons.length === 0 ? "yes" : face.reasons.join(", "));
  }
  add("Liveness", liveness.verdict);
  for (const cue of liveness.cues) add(cue.name, `${cue.verdict}: ${cue.says}`);
  return list;
}
