import { describe, expect, it } from "vitest";
import { DisplayBoard, display, greetingName } from "../../../src/daemon/display-board.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function rig() {
  const clock = new ManualClock();
  return { clock, board: new DisplayBoard({ clock, timers: clock }) };
}

describe("the display beside the door", () => {
  it("goes back to idle after the time of a message", () => {
    const { clock, board } = rig();
    board.show(display.prompt("turn"), 2000);
    expect(board.current.prompt).toBe("turn");
    clock.advance(2001);
    expect(board.current.kind).toBe("idle");
  });

  it.each([
    ["badge", "badge"],
    ["any", "badge"],
    ["presence", null],
    ["company", null],
  ] as const)("asks somebody who lacks %s with the picture %s", (needs, prompt) => {
    expect(display.waiting(needs)).toMatchObject({ kind: "prompt", prompt, title: expect.stringMatching(/./) });
  });

  it("keeps a greeting while prompts for the next person come in", () => {
    const { clock, board } = rig();
    board.show(display.granted("Alice"), 5000);
    board.show(display.prompt("come-closer"), 2000);
    expect(board.current.kind).toBe("granted");
    clock.advance(5001);
    board.show(display.prompt("come-closer"), 2000);
    expect(board.current.kind).toBe("prompt");
  });

  it("greets the second of two people who enter together", () => {
    const { board } = rig();
    board.show(display.granted("Alice"), 5000);
    board.show(display.granted("Bob"), 5000);
    expect(board.current.title).toBe("Welcome, Bob");
  });

  it("tells listeners of changes only, not of every frame that repeats a prompt", () => {
    const { board } = rig();
    const seen: string[] = [];
    board.subscribe((state) => seen.push(state.title));
    board.show(display.prompt("turn"), 2000);
    board.show(display.prompt("turn"), 2000);
    board.show(display.prompt("look-here"), 2000);
    expect(seen).toEqual(["Please turn your head", "Please look here"]);
  });
});

describe("a display that is a lamp", () => {
  it("stays bright through whatever it shows, and tells its listeners once each time", () => {
    const { clock, board } = rig();
    const seen: (readonly [string, boolean])[] = [];
    board.subscribe(({ kind, isBright = false }) => seen.push([kind, isBright]));
    board.brighten(true);
    board.brighten(true);
    board.show(display.prompt("turn"), 2000);
    clock.advance(2001);
    board.brighten(false);
    board.brighten(false);
    expect(seen).toEqual([
      ["idle", true],
      ["prompt", true],
      ["idle", true],
      ["idle", false],
    ]);
    expect(board.current).not.toHaveProperty("isBright");
  });
});

describe("a greeting", () => {
  it.each([
    ["Alice Example", "name", "Alice Example"],
    ["Alice Example", "first-name", "Alice"],
    ["Alice", "first-name", "Alice"],
    ["Alice Example", "none", ""],
  ] as const)("of %s in style %s is %j", (name, style, expected) => {
    expect(greetingName(name, style)).toBe(expected);
  });

  it("without a name is still a welcome", () => {
    expect(display.granted("").title).toBe("Welcome");
  });
});
