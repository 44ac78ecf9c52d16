import { describe, expect, it } from "vitest";
import { parsePairs } from "../../../../src/lab/evaluate/inputs.ts";

const pair = { first: "a/1.jpg", second: "b/2.jpg", isGenuine: false };

describe("parsePairs", () => {
  it.each([
    ["without a header", "a/1.jpg,b/2.jpg,no\n"],
    ["with a header", "file1,file2,same\na/1.jpg,b/2.jpg,0"],
    ["with spaces, capitals and empty lines", "\n a/1.jpg , b/2.jpg , NO \n\n"],
    ["from Windows", "\uFEFFfile1,file2,same\r\na/1.jpg,b/2.jpg,0\r\n"],
    ["in quotes", '"a/1.jpg","b/2.jpg","no"'],
    ["with an empty last column", "a/1.jpg,b/2.jpg,no,"],
  ])("reads lines %s", (_, text) => {
    expect(parsePairs(text)).toEqual([pair]);
  });

  it("keeps commas and doubled quotes in a quoted name", () => {
    expect(parsePairs('"a, ""b"".jpg",c.jpg,yes')).toEqual([{ first: 'a, "b".jpg', second: "c.jpg", isGenuine: true }]);
  });

  it.each([
    ["an unknown answer in the second line", "a,b,yes\na,c,perhaps", /line 2/],
    ["a second header", "x,y,z\nx,y,z\na,b,yes", /line 2/],
    ["a missing column", "a,b,yes\na,1", /line 2/],
    ["a missing name", ",b,yes", /line 1/],
    ["too many columns", "a,b,yes,c", /line 1/],
    ["nothing", "", /no pairs/],
    ["only a header", "file1,file2,same\n", /no pairs/],
  ])("refuses %s, with the line's number", (_, text, message) => {
    expect(() => parsePairs(text)).toThrow(message);
  });
});
