// The display as a lamp: the whole screen fades softly to a colour. It changes less than three times a second, whatever it is told.

const page = document.documentElement;
const lamp = document.getElementById("light");

const minBetweenMs = 450;

let changedMs = Number.NEGATIVE_INFINITY;
let later;

/** Fades to a colour. True once it is painted; false when it is no longer asked for by then. */
export async function shine(colour, isStillAsked) {
  const waitMs = changedMs + minBetweenMs - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  if (!isStillAsked()) return false;
  changedMs = performance.now();
  page.dataset.light = colour;
  await Promise.allSettled(lamp.getAnimations().map((fade) => fade.finished));
  // The first frame is being made when the callback comes, and has been shown when the second is made.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return isStillAsked();
}

export function dim() {
  if (page.dataset.light === undefined) return;
  changedMs = performance.now();
  delete page.dataset.light;
}

/** Whether the whole screen is bright besides, for a face in the dark: a light ground with dark words. */
export function brighten(isBright) {
  clearTimeout(later);
  if ((page.dataset.bright !== undefined) === isBright) return;
  const waitMs = changedMs + minBetweenMs - performance.now();
  if (waitMs > 0) {
    later = setTimeout(brighten, waitMs, isBright);
    return;
  }
  changedMs = performance.now();
  if (isBright) page.dataset.bright = "";
  else delete page.dataset.bright;
}
