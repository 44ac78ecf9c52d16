// Writes src/models/eight-bit-ranges.ts: what the numbers of the networks that come in eight bits lie between, seen on the simulated cast.
// After a change of a network or of how it is folded; needs a build, and scripts/self-test-references.mjs afterwards.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { catalogue } from "../../dist/models/catalogue.js";
import { openOurEngine } from "../lib/setting.mjs";
import { build, open } from "./graphs.mjs";
import { castPictures, listen } from "./inputs.mjs";
import { observe } from "./observe.mjs";

/**
 * The part of each value's numbers that is left out at both ends, because it would make the steps coarser for all others; nothing for
 * faceres, where it made no difference.
 */
const outermost = { dlib: 1e-4, faceres: 0 };
const file = fileURLToPath(new URL("../../src/models/eight-bit-ranges.ts", import.meta.url));

const engine = await openOurEngine();
const { networks, heard, look, forget } = await listen(engine);
const pictures = await castPictures(networks);
forget();
for (const picture of pictures) await look(picture);
const ranges = {};
for (const name of Object.keys(outermost)) {
  const inputs = heard.get(name).filter((_, n) => n % 2 === 0);
  process.stderr.write(`${name}: ${inputs.length} inputs\n`);
  ranges[name] = await observe(await build(catalogue[name], "folded"), inputs, {
    openGraph: open,
    outermost: outermost[name],
  });
}
await engine.close();

const short = (_, value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value);
writeFileSync(
  file,
  `import type { PackagedNetworkName } from "./contract.ts";
import type { Ranges } from "./onnx/quantise.ts";

/** Written by bench/compression/ranges.mjs: what the values of the folded networks lie between. A network that is not here has no form in eight bits. */
export const eightBitRanges: Readonly<Partial<Record<PackagedNetworkName, Ranges>>> = ${JSON.stringify(ranges, short)};
`,
);
spawnSync("npx", ["biome", "check", "--write", file], { stdio: "inherit" });
