// A step of a challenge: which of how many, and how much time is left. Tells the server once the step is painted; only from then on
// does its time run.

import { dim, shine } from "./light.js";

const box = document.getElementById("challenge");
const steps = document.getElementById("steps");
const time = document.getElementById("time");
const seconds = document.getElementById("seconds");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const tries = 3;
const againMs = 150;

let current = "";
let timer;

/** Shows the challenge of a state, or none. Call it after the words and the picture of the state are in the page. */
export function showChallenge(challenge) {
  const light = challenge?.light;
  box.hidden = challenge === undefined || light !== undefined;
  clearInterval(timer);
  if (light === undefined) dim();
  if (challenge === undefined) {
    current = "";
    return;
  }
  if (light === undefined) {
    showSteps(challenge);
    countDown(challenge);
  }
  if (challenge.isRunning || challenge.nonce === current) return;
  current = challenge.nonce;
  if (light !== undefined) {
    paintLight(challenge);
    return;
  }
  // The first frame is being made when the callback comes, and has been shown when the second is made.
  requestAnimationFrame(() => requestAnimationFrame(() => acknowledge(challenge, tries)));
}

/** A colour is acknowledged once its fade is over; where less motion is wanted, it is declined. */
async function paintLight(challenge) {
  const isStillAsked = () => current === challenge.nonce;
  const isPainted = !calm.matches && (await shine(challenge.light, isStillAsked));
  if (isPainted || calm.matches) acknowledge(challenge, tries);
}

function showSteps({ step, steps: count }) {
  const dots = Array.from({ length: count }, (_, n) => {
    const dot = document.createElement("li");
    dot.className = n + 1 < step ? "done" : n + 1 === step ? "now" : "";
    return dot;
  });
  steps.replaceChildren(...dots);
}

function countDown({ isRunning, remainingMs, limitMs }) {
  const endMs = performance.now() + remainingMs;
  const show = () => {
    const leftMs = Math.max(0, endMs - performance.now());
    const leftS = Math.ceil(leftMs / 1000);
    seconds.textContent = `${leftS} s`;
    time.value = (calm.matches ? leftS * 1000 : leftMs) / limitMs;
  };
  show();
  if (isRunning) timer = setInterval(show, calm.matches ? 1000 : 100);
}

async function acknowledge(challenge, left) {
  if (left === 0 || current !== challenge.nonce) return;
  const { id, step, nonce, light } = challenge;
  const declined = light !== undefined && calm.matches ? { calm: true } : {};
  try {
    await fetch("/door/acknowledgements", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ challenge: id, step, nonce, ...declined }),
    });
  } catch {
    setTimeout(acknowledge, againMs, challenge, left - 1);
  }
}
