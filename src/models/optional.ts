import { createHash } from "node:crypto";
import type { AntiSpoofNetworkName, OptionalEmbedderName, OptionalNetworkName } from "../pipeline/engine.ts";
import { arcfaceNetworks } from "./arcface.ts";
import { minifasnetV1se, minifasnetV2 } from "./minifasnet.ts";

export type { OptionalEmbedderName, OptionalNetworkName } from "../pipeline/engine.ts";

/** One exact file by which a network may come. */
export interface AcceptedFile {
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
  /** Which file it is, in a few words. */
  readonly what: string;
}

/** A network in ONNX that comes with no package: an operator adds it, or asks for it to be fetched. */
export interface OptionalNetwork {
  readonly name: OptionalNetworkName;
  /** What it is for, in a few words. */
  readonly job: string;
  readonly licence: string;
  /** Name of the file at its public home and in a mirror. */
  readonly file: string;
  /** Its public home; read only when an operator asks. */
  readonly url: string;
  /** The public file first. Nothing else is ever opened. */
  readonly accepted: readonly [AcceptedFile, ...AcceptedFile[]];
  /** Nothing larger is read. */
  readonly maxBytes: number;
  readonly input: { readonly width: number; readonly height: number };
  /** Lengths of the outputs by name. */
  readonly outputs: Readonly<Record<string, number>>;
}

export type OptionalCatalogue = Readonly<Record<OptionalNetworkName, OptionalNetwork>>;

/** Every network that may be installed. */
export const optionalNetworks: OptionalCatalogue = {
  "minifasnet-v2": minifasnetV2,
  "minifasnet-v1se": minifasnetV1se,
  ...arcfaceNetworks,
};

/** They work only together. */
export const antiSpoofNames: readonly AntiSpoofNetworkName[] = ["minifasnet-v2", "minifasnet-v1se"];
/** Each makes one more vector of every enrolment picture. */
export const optionalEmbedderNames: readonly OptionalEmbedderName[] = ["sface-2021dec", "auraface-v1", "mobileface-v2"];
export const optionalNetworkNames: readonly OptionalNetworkName[] = [...antiSpoofNames, ...optionalEmbedderNames];

export function isOptionalName(name: string): name is OptionalNetworkName {
  return (optionalNetworkNames as readonly string[]).includes(name);
}

/** Which accepted file of this network the bytes are; undefined when they are none. */
export function acceptedFile(network: OptionalNetwork, bytes: Uint8Array): AcceptedFile | undefined {
  const found = sha256Of(bytes);
  return network.accepted.find(({ sha256 }) => sha256 === found);
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
