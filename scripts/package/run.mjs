import { spawnSync } from "node:child_process";

/** What the steps of a package say while they work; standard output is for the result alone. */
export function say(text) {
  process.stderr.write(`package: ${text}\n`);
}

/** A package is made completely or not at all; whoever asked for it says why not. */
export function fail(text) {
  throw new Error(text);
}

/** Runs a program to its end and gives its standard output; its errors stand on ours. */
export function run(program, args, options = {}) {
  const done = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", 2], ...options });
  if (done.error) fail(`${program} could not be started: ${done.error.message}`);
  if (done.status !== 0) {
    process.stderr.write(done.stdout);
    fail(`${[program, ...args].join(" ")} ended with ${done.status ?? done.signal}`);
  }
  return done.stdout;
}
