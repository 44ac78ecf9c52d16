import { describe, expect, it } from "vitest";
import { interlockTopic, readInterlockMessage } from "../../../../src/daemon/interlock/messages.ts";

const read = (text: string) => readInterlockMessage(Buffer.from(text));
const nonce = "0123456789abcdef";

describe("a message between interlocked doors", () => {
  it("is read as it was written", () => {
    const message = { type: "refuse", nonce, why: "open" };
    expect(read(JSON.stringify(message))).toEqual(message);
  });

  it("goes to the inbox of the other door, under the own name", () => {
    expect(interlockTopic("inner", "outer")).toBe("lintel/inner/interlock/outer");
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "claim"],
    ["a list", "[]"],
    ["null", "null"],
    ["an unknown type", JSON.stringify({ type: "open", nonce })],
    ["no nonce", JSON.stringify({ type: "claim" })],
    ["a short nonce", JSON.stringify({ type: "claim", nonce: "abc" })],
    ["a nonce of other characters", JSON.stringify({ type: "claim", nonce: `${nonce}\n` })],
    ["a nonce that is no text", JSON.stringify({ type: "grant", nonce: 1234567890123456 })],
    ["a renewal without a number", JSON.stringify({ type: "renew", nonce })],
    ["a renewal with a fraction", JSON.stringify({ type: "renew", nonce, n: 1.5 })],
    ["a refusal for a reason of its own", JSON.stringify({ type: "refuse", nonce, why: "no-answer" })],
    ["a field too many", JSON.stringify({ type: "claim", nonce, untilMs: 1e12 })],
    ["more than 256 bytes", `${JSON.stringify({ type: "claim", nonce })}${" ".repeat(256)}`],
  ])("is not taken: %s", (_case, text) => {
    expect(read(text)).toBeNull();
  });
});
