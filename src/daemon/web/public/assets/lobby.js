import { drawBackdrop } from "./backdrop.js";
import { dateText, everyMinute, showTime } from "./clock.js";
import { createEasel } from "./easel.js";
import { createWall, keepPictures } from "./pictures.js";
import { follow } from "./stream.js";

const root = document.documentElement;
const greeting = document.getElementById("greeting");
const caption = document.getElementById("caption");
const canvases = [...document.querySelectorAll("#backdrop canvas")];
const wall = createWall(document.getElementById("wall"));
const showPainting = createEasel(document.getElementById("easel"));
const memoryName = "lintel-lobby";
let front = 0;
let ownTurn;
/** What the server said last, without anything about people. */
let known = remembered();

/** Paints the hidden canvas and fades it in, so that the landscape follows the day without a jump. */
function paintBackdrop() {
  if (root.dataset.view !== "backdrop") return;
  const back = 1 - front;
  const canvas = canvases[back];
  // a quiet picture needs no more pixels than this, and a small board paints it in a moment
  const scale = Math.min(1, 1600 / Math.max(innerWidth, innerHeight));
  canvas.width = Math.round(innerWidth * scale);
  canvas.height = Math.round(innerHeight * scale);
  drawBackdrop(canvas.getContext("2d"), new Date());
  canvas.classList.add("front");
  canvases[front].classList.remove("front");
  front = back;
}

/** Dark, pictures, or the landscape while there are none. */
function setView() {
  const { isBlank, changesAt } = known.blank;
  // the schedule also holds while the server is away
  const hasChanged = changesAt !== null && Date.now() >= Date.parse(changesAt);
  const view = isBlank !== hasChanged ? "blank" : wall.shown === null ? "backdrop" : "art";
  if (view === root.dataset.view) return;
  root.dataset.view = view;
  paintBackdrop();
}

/** Resolves to whether it could be shown. */
async function showPicture({ key, title }) {
  if (!(await wall.show(key))) return false;
  caption.textContent = title;
  setView();
  return true;
}

/** The picture of the moment, or the next one that can be had. */
async function showKnown() {
  setView();
  const { pictures, shown } = known.wall;
  if (pictures.length === 0) {
    wall.clear();
    caption.textContent = "";
    setView();
  }
  const rest = pictures.filter(({ key }) => key !== shown);
  for (const picture of [...pictures.filter(({ key }) => key === shown), ...rest]) {
    if (known.wall.pictures !== pictures || (await showPicture(picture))) return;
  }
}

function onState(state) {
  clearInterval(ownTurn);
  // the words stay while they fade out
  if (state.greeting !== null) greeting.textContent = state.greeting;
  greeting.classList.toggle("shown", state.greeting !== null);
  showPainting(state.wall.painting);
  const before = JSON.stringify(known.wall.pictures);
  known = { wall: { pictures: state.wall.pictures, shown: state.wall.shown }, blank: state.blank };
  known.changeSeconds = state.changeSeconds;
  remember();
  showKnown();
  if (JSON.stringify(known.wall.pictures) !== before) keepPictures(known.wall.pictures.map(({ key }) => key));
}

/** The server is away: the pictures that are here take turns by themselves. */
function onGone() {
  greeting.classList.remove("shown");
  showPainting(null);
  clearInterval(ownTurn);
  ownTurn = setInterval(async () => {
    const { pictures } = known.wall;
    const index = pictures.findIndex(({ key }) => key === wall.shown);
    for (const picture of [...pictures.slice(index + 1), ...pictures.slice(0, Math.max(0, index))]) {
      if (await showPicture(picture)) return;
    }
  }, known.changeSeconds * 1000);
}

function remember() {
  try {
    localStorage.setItem(memoryName, JSON.stringify(known));
  } catch {
    // a browser that keeps nothing shows the landscape after it was switched on without the server
  }
}

function remembered() {
  const nothing = {
    wall: { pictures: [], shown: null },
    blank: { isBlank: false, changesAt: null },
    changeSeconds: 300,
  };
  try {
    return { ...nothing, ...JSON.parse(localStorage.getItem(memoryName) ?? "{}") };
  } catch {
    return nothing;
  }
}

everyMinute((date) => {
  showTime(document.getElementById("clock"), date);
  document.getElementById("date").textContent = dateText(date);
  setView();
  paintBackdrop();
});
addEventListener("resize", paintBackdrop);
showKnown();
follow("/lobby/events", { onState, onGone });
