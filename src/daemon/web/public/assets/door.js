import { showChallenge } from "./challenge.js";
import { everyMinute, showTime } from "./clock.js";
import { brighten } from "./light.js";
import { follow } from "./stream.js";

const page = document.documentElement;
const stage = document.getElementById("stage");
const title = document.getElementById("title");
const detail = document.getElementById("detail");
const prompts = ["turn", "come-closer", "step-back", "look-here", "more-light", "hold-still", "badge"].concat([
  "turn-left",
  "turn-right",
  "look-up",
  "blink-twice",
  "open-mouth",
]);

const idleWords = { title: "Please look at the camera", detail: "This door opens for people it knows." };
const goneWords = { title: "Please ring reception", detail: "This screen will be back in a moment." };

let shown = "";

function show(view, words) {
  const key = JSON.stringify([view, words.title, words.detail, words.challenge?.nonce]);
  if (key === shown) return;
  shown = key;
  page.dataset.view = view;
  title.textContent = words.title;
  detail.textContent = words.detail;
  stage.dataset.length = words.title.length > 30 ? "long" : words.title.length > 16 ? "medium" : "short";
  // A step of a challenge is there at once: its time begins when it is painted.
  if (words.challenge || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const rise = [
    { opacity: 0, transform: "translateY(1.5vh)" },
    { opacity: 1, transform: "none" },
  ];
  stage.animate(rise, { duration: 260, easing: "ease-out" });
}

function onState(state) {
  showState(state);
  showChallenge(state.challenge);
  brighten(state.isBright === true);
}

function showState(state) {
  switch (state.kind) {
    case "prompt":
      show(prompts.includes(state.prompt) ? state.prompt : "look-here", state);
      break;
    case "granted":
    case "refused":
    case "closed":
      show(state.kind, state);
      break;
    default:
      show("idle", state.title === "" ? idleWords : state);
  }
}

function onGone() {
  show("gone", goneWords);
  showChallenge(undefined);
  brighten(false);
}

everyMinute((date) => showTime(document.getElementById("clock"), date));
follow("/door/events", { onState, onGone });
