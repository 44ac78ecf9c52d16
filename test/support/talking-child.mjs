// A child for the tests of the child process: does what its first message says, then answers pings.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const acts = {
  "exit-with": ({ code }) => process.exit(code),
  "ignore-term": () => process.on("SIGTERM", () => say({ type: "said", text: "no" })),
  "stay-open": () => setInterval(() => {}, 1000),
  "talk-nonsense": () => process.stdout.write('not json\n{"type":"unknown"}\n'),
  "talk-endlessly": () => process.stdout.write("x".repeat(200_000)),
  log: () => process.stderr.write(`${JSON.stringify({ level: 30, msg: "working", fps: 15 })}\nboom\n`),
  environment: () => say({ type: "said", text: Object.keys(process.env).sort().join(" ") }),
  "last-words": () => {
    for (let index = 0; index < 200; index++) say({ type: "said", text: String(index) });
    process.stdout.end(() => process.exit(0));
  },
  "start-grandchild": () => {
    const sleeper = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    say({ type: "said", text: String(sleeper.pid) });
  },
};
const input = createInterface({ input: process.stdin });
let stays = false;
input.on("line", (line) => {
  const message = JSON.parse(line);
  for (const act of message.acts ?? []) {
    if (act === "stay-open") stays = true;
    acts[act](message);
  }
  if (message.acts) say({ type: "ready" });
  if (message.ping !== undefined) say({ type: "said", text: message.ping });
});
input.on("close", () => {
  if (!stays) process.exit(0);
});
