import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { createOnnxEngine } from "../../src/hal/compute/onnx.ts";
import { InstalledModels } from "../../src/models/installed.ts";
import type { OptionalNetworkName } from "../../src/models/optional.ts";
import { fetchModel } from "../../src/models/pull.ts";
import { ModelStore } from "../../src/models/store.ts";
import type { NetworkName } from "../../src/pipeline/engine.ts";
import { openDoorNetworks } from "../../src/vision/networks.ts";
import { testModelCache } from "../support/model-cache.ts";
import { blind, catalogueOf, opinionated } from "../support/tiny-networks.ts";

const v2 = opinionated(1);
const v1se = opinionated(2);
const networks = catalogueOf({ v2, v1se });
const network = networks["minifasnet-v2"];
let directory: string;
const servers: Server[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-optional-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on this machine; returns its address. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("fetching a network", () => {
  it("from a mirror by its file name, with or without a slash at the end", async () => {
    const asked: (string | undefined)[] = [];
    const mirror = await serve((request, response) => {
      asked.push(request.url);
      response.end(v2);
    });
    for (const end of ["", "/"]) {
      expect(Buffer.compare(await fetchModel(network, { mirror: `${mirror}/models${end}` }), v2)).toBe(0);
    }
    expect(asked).toEqual(["/models/MiniFASNetV2.onnx", "/models/MiniFASNetV2.onnx"]);
  });

  it("from its public home, by way of a redirection, when there is no mirror", async () => {
    const home = await serve((request, response) => {
      if (request.url === "/stored") response.end(v2);
      else response.writeHead(302, { location: "/stored" }).end();
    });
    const there = { ...network, url: `${home}/MiniFASNetV2.onnx` };
    expect(Buffer.compare(await fetchModel(there), v2)).toBe(0);
  });

  it("from a folder, by its path or as a URL", async () => {
    await writeFile(join(directory, network.file), v2);
    for (const mirror of [directory, pathToFileURL(directory).href]) {
      expect(Buffer.compare(await fetchModel(network, { mirror }), v2)).toBe(0);
    }
  });

  it("a login in the mirror's address is used and never shown", async () => {
    const logins: (string | undefined)[] = [];
    const mirror = await serve((request, response) => {
      logins.push(request.headers.authorization);
      response.writeHead(403).end();
    });
    const withLogin = mirror.replace("http://", "http://door:s%40fe@");
    const failure = await fetchModel(network, { mirror: withLogin }).catch((error: unknown) => String(error));
    expect(logins).toEqual([`Basic ${Buffer.from("door:s@fe").toString("base64")}`]);
    expect(failure).toContain("the server answered 403");
    expect(failure).not.toMatch(/s%40fe|s@fe/);
  });

  const failing: [string, RequestListener, RegExp][] = [
    ["another file", (_, response) => response.end(v1se), /has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}$/],
    ["an empty answer", (_, response) => response.end(), /has SHA-256 /],
    ["no such file", (_, response) => response.writeHead(404).end("not here"), /the server answered 404$/],
    [
      "more than any such network has",
      (_, response) => response.end(Buffer.alloc(70_000)),
      /more than 65536 bytes came$/,
    ],
    ["an answer that never ends", (_, response) => void response.write("ONNX"), /no answer in time$/],
    ["a connection that breaks", (_, response) => void response.destroy(), /fetch failed/],
  ];
  for (const [what, answer, message] of failing) {
    it(`${what} is refused in one line`, async () => {
      const mirror = await serve(answer);
      const failure = await fetchModel(network, { mirror, timeoutMs: 500 }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "LINTEL_E_MODEL", message: expect.stringMatching(message) });
      expect(String(failure)).not.toContain("\n");
    });
  }

  it("a folder without it is refused in one line", async () => {
    await expect(fetchModel(network, { mirror: directory })).rejects.toMatchObject({ code: "LINTEL_E_MODEL" });
  });
});

describe("an installed network", () => {
  const load = async (name: OptionalNetworkName) =>
    new ModelStore({ cacheDirectory: directory, logger: silentLogger, networks }).load(name);

  it("is handed out as it is, with its hash", async () => {
    await new InstalledModels({ cacheDirectory: directory, networks }).add(v2);
    const model = await load("minifasnet-v2");
    expect(Buffer.compare(model.onnx, v2)).toBe(0);
    expect(model).toMatchObject({ inputWidth: 80, inputHeight: 80, sha256: network.accepted[0].sha256 });
  });

  it("that is not there is never fetched by itself", async () => {
    await expect(load("minifasnet-v2")).rejects.toMatchObject({ code: "LINTEL_E_MODEL" });
  });
});

describe("the door's networks", () => {
  function engineWith(files: Partial<Record<OptionalNetworkName, Uint8Array>>) {
    const store = new ModelStore({ cacheDirectory: testModelCache, logger: silentLogger });
    const opened: NetworkName[] = [];
    const load = async (name: NetworkName) => {
      opened.push(name);
      const onnx = name === "minifasnet-v2" || name === "minifasnet-v1se" ? files[name] : undefined;
      return onnx ? { onnx, inputWidth: 80, inputHeight: 80 } : store.load(name);
    };
    return { engine: createOnnxEngine({ source: { load }, threads: 1, logger: silentLogger }), opened };
  }

  it("the anti-spoofing networks are not opened unless they are asked for", async () => {
    const { engine, opened } = engineWith({ "minifasnet-v2": v2, "minifasnet-v1se": v1se });
    expect((await openDoorNetworks(engine)).antiSpoof).toBeUndefined();
    expect(opened).not.toContain("minifasnet-v2");
    expect((await openDoorNetworks(engine, { antiSpoof: true })).antiSpoof).toBeDefined();
    await engine.close();
  });

  it("a network that answers the same whatever it sees is refused in one line", async () => {
    const { engine } = engineWith({ "minifasnet-v2": v2, "minifasnet-v1se": blind });
    await expect(openDoorNetworks(engine, { antiSpoof: true })).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      message: "anti-spoofing: minifasnet-v1se answers the same (within 0.000) whatever it sees",
    });
    await engine.close();
  });
});
