// The peers' process, from outside.
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../peers/", import.meta.url));

/** What to do when the peers are not installed, or undefined when they are. */
export function peersMissing() {
  return existsSync(`${folder}node_modules/@tensorflow/tfjs-backend-wasm`)
    ? undefined
    : "peers are not installed: npm ci --prefix bench/peers";
}

/** Starts it with a library (`face-api` or `human`); `ask` gives the answer to a request or rejects with the peer's own words. */
export async function openPeer(library) {
  const child = fork(`${folder}server.cjs`, [library], {
    serialization: "advanced",
    env: { ...process.env, NODE_PATH: `${folder}node_modules` },
    // The peers announce themselves on standard output.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const waiting = new Map();
  let last = 0;
  child.on("message", ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`peer: ${error}`));
  });
  child.on("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the peer ended with code ${code}`));
  });
  const ask = (request, data) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      child.send({ id, request, data });
    });
  return { about: await ask("open"), ask, close: () => child.connected && child.disconnect() };
}
