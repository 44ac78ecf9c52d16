// Loaded before everything else in each emulated process. Its children must be started through the emulator too; and as the
// emulated processor is more than ten times slower, and its host may be busy, patience ends forty times later.
process.execPath = process.env.LINTEL_EMULATED_NODE;
const patience = 40;
const { setTimeout: later, setInterval: often } = globalThis;
globalThis.setTimeout = Object.assign((run, ms, ...rest) => later(run, (ms ?? 0) * patience, ...rest), later);
globalThis.setInterval = (run, ms, ...rest) => often(run, (ms ?? 0) * patience, ...rest);
