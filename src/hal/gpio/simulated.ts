import { z } from "zod";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Timers } from "../../core/timers.ts";
import type { GpioEvents, GpioLines, InputLine, OutputLine } from "../api.ts";
import { type ChipSocket, connectChip } from "./chip-socket.ts";
import { configuredLines, lineMaps } from "./lines-config.ts";
import type { ChipMessage } from "./simulated-protocol.ts";
import { usableLine } from "./usable-line.ts";

const lineConfig = z.strictObject({
  line: z.int().min(0).max(511).describe("Offset of the line on the chip."),
  activeLow: z.boolean().default(false).describe("True when the low level is the active one, as on most relay boards."),
});

/** Configuration of the simulated chip. */
export const simulatedGpioConfig = z.strictObject({
  driver: z.literal("simulated").describe("A chip in a process of its own: for the demo and for tests."),
  socketPath: z.string().min(1).max(100).describe("Unix socket of the simulated chip."),
  ...lineMaps(lineConfig, lineConfig),
});
export type SimulatedGpioConfig = z.infer<typeof simulatedGpioConfig>;
type LineConfig = z.infer<typeof lineConfig>;

/**
 * Takes the configured lines of a simulated chip; every output is inactive when it resolves. Calls take effect in the
 * order they are made. Rejects with `LINTEL_E_GPIO` when the chip is absent or somebody else owns a line.
 */
export async function openSimulatedGpio(
  config: SimulatedGpioConfig,
  events: GpioEvents,
  deps: { readonly timers: Timers },
): Promise<GpioLines> {
  const { outputs, inputs } = configuredLines<LineConfig>(config);
  const nameOfInput = new Map<number, InputLine>(inputs.map(([name, { line }]) => [line, name]));
  const tell = (message: ChipMessage) => {
    if (message.type !== "edge") return;
    const line = nameOfInput.get(message.line);
    if (line) events.onEdge({ line, isActive: message.isActive, atMs: message.atMs });
  };
  const socket = await connectChip(config.socketPath, { onNews: tell, onLost: events.onLost }, deps.timers);
  try {
    for (const [name, line] of outputs) await take(socket, name, { ...line, direction: "output" });
    for (const [name, line] of inputs) await take(socket, name, { ...line, direction: "input" });
  } catch (error) {
    await socket.close();
    throw error;
  }
  return new SimulatedLines(socket, new Map(outputs), new Map(inputs));
}

// --- internal ---

async function take(
  socket: ChipSocket,
  name: string,
  line: LineConfig & { direction: "output" | "input" },
): Promise<void> {
  try {
    const { line: offset, activeLow, direction } = line;
    await socket.ask({ type: "request", line: offset, activeLow, direction, consumer: `lintel-${name}` });
  } catch (cause) {
    throw new LintelError("LINTEL_E_GPIO", `line ${line.line} (${name}) is not to be had: ${errorText(cause)}`, {
      hint: "another process may own it, or gpio names a line that the chip does not have",
      cause,
    });
  }
}

class SimulatedLines implements GpioLines {
  readonly #socket: ChipSocket;
  readonly #outputs: ReadonlyMap<OutputLine, LineConfig>;
  readonly #inputs: ReadonlyMap<InputLine, LineConfig>;
  #isClosed = false;

  constructor(
    socket: ChipSocket,
    outputs: ReadonlyMap<OutputLine, LineConfig>,
    inputs: ReadonlyMap<InputLine, LineConfig>,
  ) {
    this.#socket = socket;
    this.#outputs = outputs;
    this.#inputs = inputs;
  }

  async setOutput(line: OutputLine, isActive: boolean): Promise<void> {
    await this.#socket.ask({ type: "set", line: offsetOf(this.#outputs, line), isActive });
  }

  async readOutput(line: OutputLine): Promise<boolean> {
    return this.#read(offsetOf(this.#outputs, line));
  }

  async readInput(line: InputLine): Promise<boolean> {
    return this.#read(offsetOf(this.#inputs, line));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await Promise.all([...this.#outputs.keys()].map((line) => this.setOutput(line, false)));
    } finally {
      await this.#socket.close();
    }
  }

  async #read(line: number): Promise<boolean> {
    const answer = await this.#socket.ask({ type: "get", line });
    if (answer.type !== "value") throw new LintelError("LINTEL_E_GPIO", "the chip answered a read with no value");
    return answer.isActive;
  }
}

function offsetOf<Name extends InputLine | OutputLine>(lines: ReadonlyMap<Name, LineConfig>, name: Name): number {
  return usableLine(name, lines.get(name), null).line;
}
