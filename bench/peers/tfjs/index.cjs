// The real package adds layers, data sets and graphics backends, none of which the peers touch here.
module.exports = { ...require("@tensorflow/tfjs-core"), ...require("@tensorflow/tfjs-converter") };
