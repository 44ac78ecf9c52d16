import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { Adam, assignAll, valuesOf } from "../../../../src/lab/train/adam.ts";
import { openTensorflow } from "../../../../src/lab/train/tensorflow.ts";

const shapes = [[3, 4], [4]];

function start(): tf.Variable[] {
  const random = seededRandom(1);
  return shapes.map((shape) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => gaussian(random));
    return tf.variable(tf.tensor(values, shape));
  });
}

/** Slopes of one step, by the names of the variables. */
function slopes(variables: readonly tf.Variable[], step: number): tf.NamedTensorMap {
  const random = seededRandom(100 + step);
  const entries = variables.map(({ name, size, shape }): [string, tf.Tensor] => {
    return [
      name,
      tf.tensor(
        Float32Array.from({ length: size }, () => gaussian(random) * 0.1),
        shape,
      ),
    ];
  });
  return Object.fromEntries(entries);
}

function steps(adam: Pick<Adam, "apply">, variables: readonly tf.Variable[], [from, to]: readonly [number, number]) {
  for (let step = from; step <= to; step++) adam.apply(slopes(variables, step), 3e-3);
}

describe.each(["cpu", "wasm"] as const)("Adam on the %s backend", (backend) => {
  test("goes where the library's own goes, to the last bit", async () => {
    await openTensorflow(backend);
    const [ours, theirs] = [start(), start()];
    const library = tf.train.adam(3e-3);
    steps(new Adam(ours), ours, [1, 12]);
    for (let step = 1; step <= 12; step++) {
      library.applyGradients(Object.entries(slopes(theirs, step)).map(([name, tensor]) => ({ name, tensor })));
    }
    expect(valuesOf(ours)).toEqual(valuesOf(theirs));
    expect(valuesOf(ours)).not.toEqual(valuesOf(start()));
  });

  test.each([0, 1, 11])("restored after %i steps it goes on to the same numbers, to the last bit", async (at) => {
    await openTensorflow(backend);
    const unbroken = start();
    steps(new Adam(unbroken), unbroken, [1, 12]);

    const first = start();
    const before = new Adam(first);
    steps(before, first, [1, at]);
    const [weights, memory] = [valuesOf(first), before.memory()];
    const second = start();
    const after = new Adam(second);
    assignAll(second, weights);
    after.restore(memory, at);
    steps(after, second, [at + 1, 12]);
    expect(valuesOf(second)).toEqual(valuesOf(unbroken));
  });
});

test("weights of another network are refused", async () => {
  await openTensorflow("cpu");
  const weights = valuesOf(start());
  expect(() => assignAll(start(), weights.slice(1))).toThrow(RangeError);
  expect(() => assignAll(start(), [...weights, new Float32Array(1)])).toThrow(RangeError);
  expect(() => assignAll(start(), weights.toReversed())).toThrow(RangeError);
});
