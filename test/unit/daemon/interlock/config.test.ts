import { describe, expect, it } from "vitest";
import { lintelConfig } from "../../../../src/daemon/config/schema.ts";
import { interlockProblems } from "../../../../src/daemon/interlock/cross-checks.ts";

const strike = { strike: { line: 0 } };
const contact = { contact: { line: 1 } };

function problemsOf(changes: { doors?: string[]; mqtt?: object; door?: object; inputs?: object }): string[] {
  const { doors = ["inner"], mqtt = {}, door = {}, inputs = contact } = changes;
  const config = lintelConfig.parse({
    ...{ camera: { driver: "ffmpeg", source: "/dev/video0" }, interlock: { doors }, mqtt, door },
    gpio: { driver: "simulated", socketPath: "/run/x.sock", outputs: strike, inputs },
  });
  return interlockProblems(config).map(({ path, message }) => `${path}: ${message}`);
}

const trusted = { url: "mqtts://broker.example", username: "door" };

describe("the section interlock", () => {
  it("is off by default and then asks for nothing", () => {
    expect(problemsOf({ doors: [], inputs: {} })).toEqual([]);
  });

  it.each([{}, { url: "mqtt://127.0.0.1:1883" }, trusted, { ...trusted, requests: "signed" }])(
    "is taken with the broker %j",
    (mqtt) => {
      expect(problemsOf({ mqtt })).toEqual([]);
    },
  );

  it.each<[RegExp, Parameters<typeof problemsOf>[0]]>([
    [/anybody at this broker/, { mqtt: { url: "mqtts://broker.example" } }],
    [/anybody at this broker/, { mqtt: { url: "mqtt://broker.example", acknowledgePlain: true, requests: "signed" } }],
    [/wait for itself/, { doors: ["front"] }],
    [/named twice/, { doors: ["inner", "inner"] }],
    [/without a door contact/, { inputs: {} }],
    [/^door.passageSchedule: an interlocked door never/, { door: { passageSchedule: "office" } }],
  ])("is an error: %s", (message, changes) => {
    expect(problemsOf(changes)).toEqual([expect.stringMatching(message)]);
  });

  it.each([99, 5001, 100.5])("refuses a timeout of %s ms", (timeoutMs) => {
    expect(lintelConfig.shape.interlock.safeParse({ timeoutMs }).success).toBe(false);
  });
});
