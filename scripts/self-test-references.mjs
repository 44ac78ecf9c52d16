// Computes what the self-test of each packaged network is compared with, on this processor, and writes it into the source:
// after a change of a network or of the test picture. Needs a build; `lintel doctor` shows the new deviations afterwards.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger } from "../dist/core/logger.js";
import { whyNoByteProducts } from "../dist/hal/compute/eight-bit.js";
import { createOnnxEngine } from "../dist/hal/compute/onnx.js";
import { referenceOf } from "../dist/hal/compute/self-test/compare.js";
import { testPicture } from "../dist/hal/compute/self-test/picture.js";
import { networkNames } from "../dist/models/catalogue.js";
import { hasEightBitForm } from "../dist/models/compile.js";
import { ModelStore } from "../dist/models/store.js";

const file = fileURLToPath(new URL("../src/hal/compute/self-test/references.ts", import.meta.url));
const source = new ModelStore({ cacheDirectory: join(tmpdir(), "lintel-self-test"), logger: silentLogger });

async function referencesOf(names, isEightBit) {
  const engine = createOnnxEngine({ source, threads: 1, logger: silentLogger, isEightBit });
  const references = {};
  for (const name of names) {
    const network = await engine.open(name);
    references[name] = referenceOf(await network.run(testPicture(name, network)));
  }
  await engine.close();
  return references;
}
const problem = await whyNoByteProducts();
if (problem !== undefined) throw new Error(`references in eight bits cannot be made here: ${problem}`);
const references = await referencesOf(networkNames, false);
const eightBitReferences = await referencesOf(networkNames.filter(hasEightBitForm), true);

const short = (_, value) => (typeof value === "number" ? Number(value.toPrecision(7)) : value);
writeFileSync(
  file,
  `import type { NetworkName } from "../../../pipeline/engine.ts";
import type { Reference } from "./compare.ts";

/** Written by scripts/self-test-references.mjs: ONNX Runtime on the processor, 32-bit floats, the test picture of \`picture.ts\`. */
export const references: Readonly<Partial<Record<NetworkName, Reference>>> = ${JSON.stringify(references, short)};

/** The same of the networks in eight bits, on a processor with VNNI. */
export const eightBitReferences: Readonly<Partial<Record<NetworkName, Reference>>> = ${JSON.stringify(eightBitReferences, short)};
`,
);
spawnSync("npx", ["biome", "check", "--write", file], { stdio: "inherit" });
