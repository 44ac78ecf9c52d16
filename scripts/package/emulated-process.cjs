// Loaded before everything else in each emulated process. Its children must be started through the emulator too; and as the
// emulated processor is some forty times slower than a board's, so is the clock by which patience ends.
process.execPath = process.env.LINTEL_EMULATED_NODE;
const slowdown = 40;
const { setTimeout: later, setInterval: often } = globalThis;
globalThis.setTimeout = Object.assign((run, ms, ...rest) => later(run, (ms ?? 0) * slowdown, ...rest), later);
globalThis.setInterval = (run, ms, ...rest) => often(run, (ms ?? 0) * slowdown, ...rest);
