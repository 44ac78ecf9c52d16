// Weights rounded to what sixteen bits can say (IEEE 754 binary16), for what that costs in accuracy. ONNX Runtime has no convolution in
// sixteen bits for x64: it would compute in thirty-two all the same, so only the file would be half as large.

export function inHalf(graph) {
  const constants = new Map(
    [...graph.constants].map(([name, { shape, data }]) => [
      name,
      { shape, data: data instanceof Float32Array ? data.map(toHalf) : data },
    ]),
  );
  return { ...graph, constants };
}

/** Rounds to the nearest of 11 significant bits, from 2^-14 down with the fixed step of subnormal numbers. */
function toHalf(value) {
  if (value === 0 || !Number.isFinite(value)) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const step = 2 ** (exponent - 10);
  return Math.round(value / step) * step;
}
