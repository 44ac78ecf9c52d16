// Keeps the last good copy of the pages, so that a screen that is switched on while the door's computer is away still
// shows what to do. Always asks the server first. Browsers allow this on localhost and over https only.
const shelf = "lintel-pages-1";
// painted pictures never change under their name, so they are asked for once
const pictureShelf = "lintel-pictures-1";
const keptPictures = 32;
const answerWithinMs = 3000;
const shell = [
  "/",
  "/door",
  "/assets/base.css",
  "/assets/challenge.css",
  "/assets/door.css",
  "/assets/light.css",
  "/assets/lobby.css",
  "/assets/pictograms.css",
  "/assets/backdrop.js",
  "/assets/challenge.js",
  "/assets/clock.js",
  "/assets/door.js",
  "/assets/easel.js",
  "/assets/light.js",
  "/assets/lobby.js",
  "/assets/pictures.js",
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
    for (const name of await caches.keys()) if (![shelf, pictureShelf].includes(name)) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(removeOld());
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (shell.includes(pathname)) event.respondWith(freshOrKept(event.request));
  else if (/^\/art\/\d+-[0-9a-f]+\.jpg$/.test(pathname)) event.respondWith(keptOrFetched(event.request));
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

async function keptOrFetched(request) {
  const cache = await caches.open(pictureShelf);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(request, response.clone());
    // in the order in which they came
    const all = await cache.keys();
    for (const old of all.slice(0, -keptPictures)) await cache.delete(old);
  }
  return response;
}
