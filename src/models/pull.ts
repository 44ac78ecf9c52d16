import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorText, LintelError } from "../core/errors.ts";
import { readModelFile } from "./installed.ts";
import { acceptedFile, type OptionalNetwork, sha256Of } from "./optional.ts";

export interface PullOptions {
  /** A folder, or a URL (http, https, file) that ends where the file names begin; without one the public home is asked. */
  readonly mirror?: string | undefined;
  /** For the whole transfer. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 60_000;

/** A file at a public home. */
export type PublicFile = Pick<OptionalNetwork, "file" | "url" | "maxBytes"> & { readonly name: string };

/**
 * Fetches a file from the mirror or, without one, from its public home, and checks nothing but its size. Throws `LINTEL_E_MODEL`.
 */
export async function fetchFile(wanted: PublicFile, options: PullOptions = {}): Promise<Uint8Array> {
  const place = placeOf(wanted, options.mirror);
  return read(place, wanted, options.timeoutMs ?? defaultTimeoutMs).catch((cause: unknown) => {
    throw new LintelError("LINTEL_E_MODEL", `model ${wanted.name} cannot be read from ${shown(place)}: ${why(cause)}`, {
      hint: "Fetch the file on another machine and add it: lintel models add FILE",
      cause,
    });
  });
}

/**
 * Fetches a network from the mirror or, without one, from its public home. Called only when an operator asks for it. What comes
 * is one of the pinned files, or `LINTEL_E_MODEL` is thrown.
 */
export async function fetchModel(network: OptionalNetwork, options: PullOptions = {}): Promise<Uint8Array> {
  const place = placeOf(network, options.mirror);
  const bytes = await fetchFile(network, options);
  if (acceptedFile(network, bytes)) return bytes;
  throw new LintelError(
    "LINTEL_E_MODEL",
    `model ${network.name}: ${shown(place)} has SHA-256 ${sha256Of(bytes)}, expected ${network.accepted[0].sha256}`,
    { hint: "The file is not the one that was pinned; nothing was kept." },
  );
}

// --- internal ---

function placeOf(network: PublicFile, mirror: string | undefined): URL | string {
  if (mirror === undefined || mirror === "") return new URL(network.url);
  if (/^file:/i.test(mirror)) return join(fileURLToPath(mirror), network.file);
  if (/^https?:\/\//i.test(mirror)) return new URL(network.file, mirror.endsWith("/") ? mirror : `${mirror}/`);
  return join(mirror, network.file);
}

/** Without what may be a password. */
function shown(place: URL | string): string {
  return typeof place === "string" ? place : `${place.origin}${place.pathname}`;
}

async function read(place: URL | string, { maxBytes }: PublicFile, timeoutMs: number): Promise<Uint8Array> {
  if (typeof place === "string") return readModelFile(place, maxBytes);
  const { username, password } = place;
  const bare = new URL(place);
  [bare.username, bare.password] = ["", ""];
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const headers = username === "" ? {} : { authorization: `Basic ${login}` };
  const response = await fetch(bare, { signal: AbortSignal.timeout(timeoutMs), headers });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`the server answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the transfer.
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes came`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function why(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return "no answer in time";
  const cause =
    error instanceof Error && error.cause instanceof Error ? `${errorText(error)} (${errorText(error.cause)})` : "";
  return cause || errorText(error);
}
