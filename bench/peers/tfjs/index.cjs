// The real package adds layers, data sets and graphics backends, none of which the peers touch, and the methods of tensors,
// which they call: those are made here, each a call of the function of the same name, as in the original.
const core = require("@tensorflow/tfjs-core");
const converter = require("@tensorflow/tfjs-converter");

const methods = core.Tensor.prototype;
for (const [name, operation] of Object.entries(core)) {
  if (typeof operation !== "function" || name in methods || !/^[a-z]/.test(name)) continue;
  methods[name] = function (...rest) {
    return operation(this, ...rest);
  };
}
for (const rank of [1, 2, 3, 4, 5]) {
  methods[`as${rank}D`] = function (...sizes) {
    return core.reshape(this, rank === 1 ? [this.size] : sizes);
  };
}
methods.flatten = methods.as1D;
methods.toFloat = function () {
  return core.cast(this, "float32");
};
methods.toInt = function () {
  return core.cast(this, "int32");
};

module.exports = { ...core, ...converter };
