import { expect, test } from "vitest";
import { isOurHost, isSameSite } from "../../../../src/daemon/operations/same-site.ts";

test.each([
  ["localhost:8081", true],
  ["127.0.0.1:8081", true],
  ["[::1]:8081", true],
  ["localhost:9000", true],
  ["localhost", true],
  ["evil.example:8081", false],
  ["localhost.evil.example:8081", false],
  ["127.0.0.1.nip.io", false],
  ["127.0.0.1:8081@evil.example", false],
  ["", false],
  [undefined, false],
])("a request for the host %s is served: %s", (host, isServed) => {
  expect(isOurHost(host)).toBe(isServed);
});

const host = "localhost:8081";
test.each([
  ["a program, which says nothing", { host }, true],
  ["the page itself", { host, origin: "http://localhost:8081", "sec-fetch-site": "same-origin" }, true],
  ["an address typed in", { host, "sec-fetch-site": "none" }, true],
  ["another site", { host, origin: "https://evil.example", "sec-fetch-site": "cross-site" }, false],
  ["an old browser on another site", { host, origin: "https://evil.example" }, false],
  ["a page without an origin of its own", { host, origin: "null" }, false],
  [
    "the lobby page on the same machine",
    { host, origin: "http://localhost:8080", "sec-fetch-site": "same-site" },
    false,
  ],
  ["the same name by another scheme", { host, origin: "https://localhost:8081" }, false],
])("%s passes: %j %s", (_, headers, passes) => {
  expect(isSameSite(headers)).toBe(passes);
});
