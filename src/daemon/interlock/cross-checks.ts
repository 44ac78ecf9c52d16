import type { ConfigProblem } from "../config/problem.ts";
import type { LintelConfig } from "../config/schema.ts";
import { servesRestrictedRequests } from "../mqtt/config.ts";

/** What an interlock needs of the rest of the configuration. */
export function interlockProblems({ interlock, mqtt, door, gpio }: LintelConfig): ConfigProblem[] {
  const { doors } = interlock;
  if (doors.length === 0) return [];
  const problems: ConfigProblem[] = [];
  const add = (path: string, message: string, hint: string) => problems.push({ path, message, hint });
  if (!servesRestrictedRequests(mqtt)) {
    add(
      "interlock.doors",
      "anybody at this broker could answer for another door",
      "use a broker on this machine, or mqtts:// with credentials",
    );
  }
  if (doors.includes(door.id)) add("interlock.doors", "a door cannot wait for itself", `leave out ${door.id}`);
  if (new Set(doors).size !== doors.length) add("interlock.doors", "a door is named twice", "name each door once");
  if (gpio.inputs.contact === undefined) {
    add("interlock.doors", "without a door contact nobody knows whether this door is shut", "set gpio.inputs.contact");
  }
  if (door.passageSchedule !== undefined) {
    add(
      "door.passageSchedule",
      "an interlocked door never stands unlocked",
      "remove door.passageSchedule, or the interlock",
    );
  }
  return problems;
}
