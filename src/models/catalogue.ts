import { createHash } from "node:crypto";
import { blazeface } from "./blazeface.ts";
import type { NetworkContract, PackagedNetworkName } from "./contract.ts";
import { dlib } from "./dlib.ts";
import { facemesh } from "./facemesh.ts";
import { faceres } from "./faceres.ts";

/** Every network that comes with the packages, by name: what it is for, whence it comes, its hash and its licence. */
export const catalogue: Readonly<Record<PackagedNetworkName, NetworkContract>> = { blazeface, facemesh, dlib, faceres };

/** The names in the order in which a picture meets the networks. */
export const networkNames: readonly PackagedNetworkName[] = ["blazeface", "facemesh", "dlib", "faceres"];

/** One SHA-256 (hexadecimal) over all source files of a network: what it is known by. */
export function sourceSha256(contract: NetworkContract): string {
  const hash = createHash("sha256");
  for (const file of contract.files) hash.update(`${file.sha256}  ${file.path}\n`);
  return hash.digest("hex");
}
