// Follows the server's events for as long as the page lives. The browser's own reconnecting gives up on some errors, and a
// server that hangs looks alive to it, so both are done here.

const graceMs = 1500;
const silentForMs = 40_000;
const firstRetryMs = 500;
const longestRetryMs = 4000;

/**
 * Calls `onState(state)` for every state and `onGone()` once the server has been away for more than a moment. Loads the
 * page anew when another server (a newer version, perhaps) answers.
 */
export function follow(path, { onState, onGone }) {
  let serverId = "";
  let retryMs = firstRetryMs;
  let graceTimer = setTimeout(onGone, graceMs);
  let silenceTimer;

  const open = () => {
    const source = new EventSource(path);
    const alive = (event) => {
      clearTimeout(graceTimer);
      graceTimer = undefined;
      retryMs = firstRetryMs;
      clearTimeout(silenceTimer);
      silenceTimer = setTimeout(again, silentForMs);
      if (serverId !== "" && event.lastEventId !== serverId) reload();
      serverId = event.lastEventId;
    };
    const again = () => {
      source.close();
      clearTimeout(silenceTimer);
      graceTimer ??= setTimeout(onGone, graceMs);
      setTimeout(open, retryMs);
      retryMs = Math.min(longestRetryMs, retryMs * 2);
    };
    source.addEventListener("beat", alive);
    source.addEventListener("state", (event) => {
      alive(event);
      onState(JSON.parse(event.data));
    });
    source.addEventListener("error", again);
  };
  open();
  navigator.serviceWorker?.register("/sw.js").catch(() => {});
}

/** Only when the page is really there: a screen must never show the browser's own error page. */
function reload() {
  fetch(location.pathname, { cache: "no-store" })
    .then((response) => {
      if (response.ok) location.reload();
    })
    .catch(() => {});
}
