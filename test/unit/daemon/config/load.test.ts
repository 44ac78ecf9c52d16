import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../../../src/daemon/config/json-schema.ts";
import { checkConfig, parseConfig } from "../../../../src/daemon/config/load.ts";

const minimal = `
camera: { driver: ffmpeg }
gpio: { driver: simulated, socketPath: /tmp/chip.sock, outputs: { strike: { line: 0 } } }
`;

/** Paths of all problems of a document. */
function problemsOf(text: string, environment: Record<string, string> = {}): string[] {
  const result = parseConfig(text, "/etc/lintel", environment);
  return result.ok ? [] : result.problems.map(({ path }) => path);
}

describe("a configuration", () => {
  it("needs a camera and lines only; the house defaults fill the rest", () => {
    const result = parseConfig(minimal, "/etc/lintel", {});
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.config.door).toMatchObject({ id: "front", openSeconds: 5, minFaceWidthPx: 110, intentMs: 400 });
    expect(result.config.liveness.level).toBe("passive");
    expect(result.config.recognition).toEqual({ targetFpir: 1e-3, maxDistance: 0.43, adaptTemplates: "off" });
    expect(result.config.models.cacheDirectory).toBe("/var/lib/lintel/models");
  });

  const bad: [string, string, string[]][] = [
    ["a misspelt key", "door: { opensecond: 5 }", ["door.opensecond"]],
    ["a door that is held at once", "door: { heldSeconds: 0 }", ["door.heldSeconds"]],
    ["a warning before time", "door: { heldWarningSeconds: -1 }", ["door.heldWarningSeconds"]],
    ["a misspelt section", "dor: {}", ["dor"]],
    ["an opening of no time", "door: { openSeconds: 0 }", ["door.openSeconds"]],
    ["an opening beyond 255 s", "door: { openSeconds: 256 }", ["door.openSeconds"]],
    ["a door id that breaks topics", "door: { id: 'a/#' }", ["door.id"]],
    ["no liveness without acknowledgement", "liveness: { level: off }", ["liveness.level"]],
    ["a level that does not exist", "liveness: { level: paranoid }", ["liveness.level"]],
    [
      "a quiet way around the display",
      "liveness: { level: active, withoutDisplay: passive }",
      ["liveness.withoutDisplay"],
    ],
    ["a ceiling that lets strangers in", "recognition: { maxDistance: 0.55 }", ["recognition.maxDistance"]],
    ["plain mqtt to another host", "mqtt: { url: 'mqtt://broker.example' }", ["mqtt.url"]],
    ["an unknown request mode", "mqtt: { requests: trusted }", ["mqtt.requests"]],
    ["a zone that does not exist", "access: { timeZone: Mars/Base }", ["access.timeZone"]],
    ["a topic that is a pattern", "access: { badgeTopic: 'house/#' }", ["access.badgeTopic"]],
    ["a topic of ours as a badge reader's", "access: { badgeTopic: lintel/front/event }", ["access.badgeTopic"]],
    [
      "badges from a broker where anybody may speak",
      "mqtt: { url: 'mqtt://broker.example', acknowledgePlain: true }\naccess: { badgeTopic: house/badges }",
      ["access.badgeTopic"],
    ],
    [
      "unsigned presence where requests are signed",
      "mqtt: { requests: signed }\naccess: { presenceTopic: house/presence }",
      ["access.presenceTopic"],
    ],
    ["a port that is none", "lobby: { port: 99999 }", ["lobby.port"]],
    ["two mistakes at once", "door: { openSeconds: x, foo: 1 }", ["door.openSeconds", "door.foo"]],
  ];
  it.each(bad)("with %s is refused by the path of its key", (_name, text, paths) => {
    expect(problemsOf(`${minimal}\n${text}\n`).sort()).toEqual([...paths].sort());
  });

  it.each([
    ["is no YAML", "a: [1"],
    ["is a list", "- 1\n- 2"],
    ["is a scalar", "hello"],
    ["is empty", ""],
    [
      "is an alias bomb",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
        .split("")
        .map((n, i) => `${n}: &${n} [${`*${"abcdefgh"[i]},`.repeat(9)}]`)
        .join("\n")}\n`,
    ],
  ])("that %s gets a message, not an exception", (_name, text) => {
    expect(parseConfig(text, "/etc/lintel", {}).ok).toBe(false);
  });

  it("that cannot be read names the file", () => {
    const result = checkConfig("/nonexistent/lintel.yaml", {});
    expect(result).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining("/nonexistent/lintel.yaml") }],
    });
  });

  it("takes plain mqtt on this machine, and elsewhere only when acknowledged", () => {
    expect(problemsOf(`${minimal}\nmqtt: { url: 'mqtt://127.0.0.1:1883' }\n`)).toEqual([]);
    expect(problemsOf(`${minimal}\nmqtt: { url: 'mqtt://broker.example', acknowledgePlain: true }\n`)).toEqual([]);
  });
});

describe("the environment", () => {
  it("overrides a key with the type it looks like", () => {
    const result = parseConfig(minimal, "/etc/lintel", { LINTEL__door__openSeconds: "8", LINTEL__door__id: "back" });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.config.door).toMatchObject({ openSeconds: 8, id: "back" });
  });

  it("cannot add keys that do not exist", () => {
    expect(problemsOf(minimal, { LINTEL__door__nope: "1" })).toEqual(["door.nope"]);
  });

  it.each(["LINTEL____proto____polluted", "LINTEL__constructor__prototype__x", "LINTEL__"])("refuses %s", (name) => {
    expect(problemsOf(minimal, { [name]: "1" })).not.toEqual([]);
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  it("leaves variables of other programs alone", () => {
    expect(problemsOf(minimal, { LINTEL_SHARED: "/x", PATH: "/bin" })).toEqual([]);
  });
});

describe("the files in config/", () => {
  const root = new URL("../../../../config/", import.meta.url);

  it("lintel.yaml is valid and shows the defaults as they are", () => {
    const result = checkConfig(new URL("lintel.yaml", root).pathname, {});
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const defaults = parseConfig(minimal, "/etc/lintel", {});
    if (!defaults.ok) throw new Error("the minimal configuration must be valid");
    expect({ ...result.config, gpio: null, camera: null }).toEqual({ ...defaults.config, gpio: null, camera: null });
  });

  it.each(["demo.yaml", "jetson.yaml"])("%s is valid", (name) => {
    const result = checkConfig(new URL(name, root).pathname, {});
    expect(result.ok ? [] : result.problems).toEqual([]);
  });

  it("lintel.schema.json is what the schema generates (npm run generate writes it)", () => {
    expect(readFileSync(new URL("lintel.schema.json", root), "utf8")).toBe(configJsonSchema());
  });
});
