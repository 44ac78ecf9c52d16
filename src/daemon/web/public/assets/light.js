// The display as a lamp: the whole screen fades softly to a colour. It changes less than three times a second, whatever it is told.

const lamp = document.getElementById("light");

const minBetweenMs = 450;

let changedMs = Number.NEGATIVE_INFINITY;

/** Fades to a colour. True once it is painted; false when it is no longer asked for by then. */
export async function shine(colour, isStillAsked) {
  const waitMs = changedMs + minBetweenMs - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  if (!isStillAsked()) return false;
  changedMs = performance.now();
  document.documentElement.dataset.light = colour;
  await Promise.allSettled(lamp.getAnimations().map((fade) => fade.finished));
  // The first frame is being made when the callback comes, and has been shown when the second is made.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return isStillAsked();
}

export function dim() {
  if (document.documentElement.dataset.light === undefined) return;
  changedMs = performance.now();
  delete document.documentElement.dataset.light;
}
