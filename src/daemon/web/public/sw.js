// Keeps the last good copy of the pages, so that a screen that is switched on while the door's computer is away still
// shows what to do. Always asks the server first. Browsers allow this on localhost and over https only.
const shelf = "lintel-pages-1";
const answerWithinMs = 3000;
const shell = [
  "/",
  "/door",
  "/assets/base.css",
  "/assets/door.css",
  "/assets/lobby.css",
  "/assets/pictograms.css",
  "/assets/backdrop.js",
  "/assets/clock.js",
  "/assets/door.js",
  "/assets/lobby.js",
  "/assets/stream.js",
  "/assets/icon.svg",
];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(shelf)
      .then((cache) => cache.addAll(shell))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const removeOld = async () => {
    for (const name of await caches.keys()) if (name !== shelf) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(removeOld());
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin || !shell.includes(pathname)) return;
  event.respondWith(freshOrKept(event.request));
});

async function freshOrKept(request) {
  const cache = await caches.open(shelf);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(answerWithinMs) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept === undefined) throw error;
    return kept;
  }
}
