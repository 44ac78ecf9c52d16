// Unpacks a Debian package beside the system and tries what is in it with the Node it carries, in processes of its own as on a
// board; one for another processor runs in emulation: npm run package:try -- packages/lintel_0.1.0_arm64.deb
// Needs dpkg; for arm64 on x64 also qemu-user-static and libstdc++6-arm64-cross. Prints one line for each trial.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emulation } from "./emulation.mjs";
import { writePortraits } from "./portraits.mjs";
import { fail, run, say } from "./run.mjs";

const [deb] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "lintel-try-"));
try {
  if (!deb) fail("which package? npm run package:try -- packages/lintel_0.1.0_amd64.deb");
  await tryAll();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function tryAll() {
  run("dpkg", ["-x", deb, join(work, "root")]);
  await writePortraits(work);
  writeConfiguration();
  const arch = run("dpkg-deb", ["--field", deb, "Architecture"]).trim() === "amd64" ? "x64" : "arm64";
  const isNative = arch === process.arch;
  const lintel = commandOf(join(work, "root/opt/lintel"), isNative);

  lintel("tells its version", ["--version"], { says: /^\d+\.\d+\.\d+$/m });
  lintel("has an engine that runs", ["doctor", "--json", ...config()], { code: 69, says: /"name":"engine","ok":true/ });
  // The same files for every processor: once is enough, and emulated it takes minutes.
  const all = isNative ? commands(lintel) : [];
  for (const command of all) lintel(`loads ${command}`, [command, "--help"], { says: /Usage/ });
  lintel("enrols", ["people", "add", "alice", "--name", "Alice", join(work, "alice.jpg"), ...config()]);
  lintel("recognises", ["identify", join(work, "later.jpg"), ...config()], { says: /: alice, distance/ });
  lintel("does not know a stranger", ["identify", join(work, "bob.jpg"), ...config()], {
    code: 1,
    says: /nobody known/,
  });
}

/** Runs the unpacked command and holds what it says and how it ends against what was expected. */
function commandOf(home, isNative) {
  const node = join(home, "node/bin/node");
  const { program, env } = isNative ? { program: node, env: {} } : emulation(node, work);
  return (what, args, { code = 0, says = /./ } = {}) => {
    const startMs = performance.now();
    const done = spawnSync(program, [join(home, "app/bin/lintel.mjs"), ...args], {
      cwd: work,
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
    const text = `${done.stdout}${done.stderr}`;
    if (done.status !== code || !says.test(text))
      fail(`${what}: NOT (ended with ${done.status ?? done.signal})\n${text}`);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    process.stdout.write(`${what.padEnd(28)} ${seconds} s\n`);
    return done.stdout;
  };
}

/** Every subcommand that the help names. */
function commands(lintel) {
  const help = lintel("tells its commands", ["--help"]);
  return [...help.matchAll(/^ {2}([a-z][a-z-]+)(?: |$)/gm)]
    .map(([, name]) => name)
    .filter((name) => !["help", "lintel"].includes(name));
}

/** A door that has no camera and no lines here: `doctor` says so, and photographs need neither. */
function writeConfiguration() {
  const lines = { strike: { line: "NO-SUCH-LINE" } };
  const settings = {
    stateDirectory: join(work, "state"),
    camera: { driver: "replay", path: join(work, "none.avi") },
    gpio: { driver: "cdev", chip: "no-such-chip", outputs: lines },
    models: { cacheDirectory: join(work, "cache") },
    mqtt: { port: 0 },
  };
  writeFileSync(join(work, "lintel.yaml"), JSON.stringify(settings));
}

function config() {
  return ["--config", join(work, "lintel.yaml")];
}
