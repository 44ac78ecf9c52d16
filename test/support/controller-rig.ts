import type { EventLog, EventRecord } from "../../src/daemon/api.ts";
import { DoorController, type DoorControllerOptions } from "../../src/daemon/door/controller.ts";
import { doorRules } from "../../src/daemon/door/machine.ts";
import type { GuardCommand, GuardMessage } from "../../src/hal/relay-guard/protocol.ts";
import { capturedLog } from "./captured-log.ts";
import { ManualClock } from "./manual-clock.ts";

class MemoryEvents implements EventLog {
  readonly records: EventRecord[] = [];
  isFull = false;

  append(type: EventRecord["type"], fields: Readonly<Record<string, unknown>> = {}): EventRecord {
    if (this.isFull) throw new Error("no space left on device");
    const record = { ...fields, seq: this.records.length + 1, time: "2030-01-01T00:00:00.000Z", type };
    this.records.push(record);
    return record;
  }
  read(): readonly EventRecord[] {
    return this.records;
  }
  subscribe(): () => void {
    return () => {};
  }
}

/** A controller with a guard that is played by the test, and a clock of its own. */
export function controllerRig(options: Partial<DoorControllerOptions> = {}) {
  const clock = new ManualClock();
  const events = new MemoryEvents();
  const { logger, lines } = capturedLog();
  const commands: GuardCommand[] = [];
  const replaced: string[] = [];
  const channel = { isOpen: true };
  const door = new DoorController({
    rules: doorRules(),
    events,
    guard: {
      send: (command) => {
        if (channel.isOpen) commands.push(command);
        return channel.isOpen;
      },
      replace: (reason) => void replaced.push(reason),
    },
    clock,
    timers: clock,
    logger,
    ...options,
  });
  const say = (
    message: GuardMessage extends infer M ? (M extends { atMs: number } ? Omit<M, "atMs"> : never) : never,
  ) => door.guardSaid({ ...message, atMs: clock.nowMs() } as GuardMessage);
  const guardStarts = () => {
    say({ type: "ready", driver: "memory" });
    say({ type: "strike", isOpen: false, cause: "start" });
  };
  const leaseId = () => commands.flatMap((command) => (command.type === "lease" ? [command.id] : [])).at(-1) ?? "";
  door.start();
  return { clock, events, lines, commands, replaced, channel, door, say, guardStarts, leaseId };
}
