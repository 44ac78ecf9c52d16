// What share of the machine's arithmetic each network reaches.
import { InferenceSession, Tensor } from "onnxruntime-node";
import { countFlops } from "../../dist/lab/bench/flops.js";
import { catalogue, networkNames } from "../../dist/models/catalogue.js";
import { buildNetwork } from "../../dist/models/compile.js";
import { encodeOnnx } from "../../dist/models/onnx/encode.js";
import { readSource } from "../../dist/models/source.js";
import { inputsFor, openSetting } from "../lib/setting.mjs";
import { inTurn, median } from "../lib/stats.mjs";
import { ms, percent } from "../lib/table.mjs";

const side = 1024;

export async function machineLimit({ runs }) {
  const setting = await openSetting();
  const product = await openProduct();
  try {
    const flops = { product: 2 * side ** 3 };
    const works = { product: product.run };
    for (const name of networkNames) {
      const contract = catalogue[name];
      flops[name] = countFlops(buildNetwork(contract, await readSource(contract), "folded"));
      const network = await setting.engine.open(name);
      const { planes } = inputsFor(contract, setting.frame);
      works[name] = async () => void (await network.run(planes));
    }
    const found = await inTurn(works, { rounds: Math.min(runs, 40) });
    const rates = (name) => found[name].map((value) => flops[name] / value / 1e6);
    const limits = rates("product");
    const rows = Object.keys(works).map((name) => [
      name === "product" ? `matrix product ${side}x${side}` : name,
      String(found[name].length),
      (flops[name] / 1e6).toFixed(0),
      ms(median(found[name])),
      median(rates(name)).toFixed(0),
      name === "product" ? "yardstick" : percent(median(rates(name).map((rate, n) => rate / limits[n]))),
    ]);
    return {
      title: "Against the machine's own limit",
      text: [
        `Share of the rate at which this machine multiplies two ${side}x${side} single-precision matrices on one thread through the same ONNX Runtime. A multiply-add counts as two operations; only convolutions and matrix products are counted, from the graph as the weights define it. Depthwise convolutions are bound by memory and cannot come near the yardstick.`,
      ],
      columns: ["network", "n", "MFLOP", "p50 ms", "GFLOP/s", "share of the yardstick"],
      rows,
    };
  } finally {
    await product.close();
    await setting.engine.close();
  }
}

async function openProduct() {
  const shape = [side, side];
  const values = () => Float32Array.from({ length: side * side }, (_, i) => Math.sin(i));
  const model = encodeOnnx({
    name: "product",
    inputs: [{ name: "a", shape }],
    outputs: [{ name: "c", shape }],
    nodes: [{ op: "MatMul", inputs: ["a", "b"], output: "c", attributes: {} }],
    constants: new Map([["b", { shape, data: values() }]]),
  });
  const session = await InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const a = new Tensor("float32", values(), shape);
  return { run: async () => void (await session.run({ a })), close: () => session.release() };
}
