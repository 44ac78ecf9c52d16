import { drawBackdrop } from "./backdrop.js";
import { dateText, everyMinute, showTime } from "./clock.js";
import { follow } from "./stream.js";

const greeting = document.getElementById("greeting");
const canvases = [...document.querySelectorAll("canvas")];
let front = 0;

/** Paints the hidden canvas and fades it in, so that the landscape follows the day without a jump. */
function paint() {
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

function onState(state) {
  // the words stay while they fade out
  if (state.greeting !== null) greeting.textContent = state.greeting;
  greeting.classList.toggle("shown", state.greeting !== null);
}

everyMinute((date) => {
  showTime(document.getElementById("clock"), date);
  document.getElementById("date").textContent = dateText(date);
  paint();
});
addEventListener("resize", paint);
follow("/lobby/events", { onState, onGone: () => greeting.classList.remove("shown") });
