import { createHash } from "node:crypto";
import type { RemovalProof } from "../api.ts";
import type { SealedRow } from "../store/people-store.ts";

/**
 * What the digest of a removal is made of: the id, the time, and the SHA-256 of each sealed vector. The vectors were sealed
 * with a random IV each, so that a digest says nothing about the face or the person to anybody who does not hold a copy of
 * the very bytes that were destroyed; who does (an old backup) can show that they are the ones.
 */
export type RemovalFacts = Pick<RemovalProof, "person" | "removedAt" | "templates" | "vectors">;

export function removalFacts(removal: {
  readonly person: string;
  readonly removedAt: string;
  readonly templates: number;
  readonly sealed: readonly SealedRow[];
}): RemovalFacts {
  const { person, removedAt, templates, sealed } = removal;
  const vectors = sealed.map(({ template, embedder, iv, ciphertext, tag }) => ({
    template,
    embedder,
    sha256: createHash("sha256").update(iv).update(ciphertext).update(tag).digest("hex"),
  }));
  return { person, removedAt, templates, vectors };
}

/** SHA-256, hexadecimal, over the JSON of the facts with their keys in alphabetical order and no white space (RFC 8785). */
export function digestOf({ person, removedAt, templates, vectors }: RemovalFacts): string {
  const sorted = vectors.map(({ embedder, sha256, template }) => ({ embedder, sha256, template }));
  const canonical = JSON.stringify({ person, removedAt, templates, vectors: sorted });
  return createHash("sha256").update(canonical, "utf8").digest("hex");
}
