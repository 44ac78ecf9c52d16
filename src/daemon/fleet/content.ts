import { vectorLength } from "../../pipeline/embed.ts";
import { packVector, unpackVector } from "../../vision/protocol.ts";
import type { Person } from "../api.ts";
import { canonicalJson } from "../events/canonical-json.ts";
import { applyFields, checkId, defaultValues } from "../people/fields.ts";
import type { KnownElsewhere } from "../people/replace-person.ts";
import type { TemplateDescription } from "../store/people-store.ts";
import type { PersonContent, PersonDocument } from "./documents.ts";
import type { Stamp } from "./stamp.ts";

/** Between a person as a door keeps them and as the doors of a site tell each other. */

/** Null when a vector does not open: half a person must not go round the doors. */
export function contentOf(person: Person, templates: readonly TemplateDescription[]): PersonContent | null {
  const told: PersonContent["templates"] = [];
  for (const { kind, createdAt, source, quality, vectors } of templates) {
    // What a door adapted is its own camera's.
    if (kind !== "enrolled") continue;
    const packed = vectors.flatMap(({ embedder, values }) =>
      values === undefined ? [] : [{ embedder, vector: packVector(Float32Array.from(values)) }],
    );
    if (packed.length !== vectors.length || packed.length === 0) return null;
    const { faceWidthPx = 0, sharpness = 0, brightness = 0, yawDeg = 0, pitchDeg = 0, rollDeg = 0 } = quality;
    const measured = { faceWidthPx, sharpness, brightness, yawDeg, pitchDeg, rollDeg };
    told.push({ createdAt, source, quality: measured, vectors: packed });
  }
  const { id, name, enabled, groups, consent, validFrom, validUntil, openSeconds, updatedAt } = person;
  const fields = { id, name, enabled, groups: [...groups], consent, validFrom, validUntil, openSeconds, updatedAt };
  return { ...fields, templates: told };
}

/** Null for a content that this door would not take from a request either. */
export function readContent(content: PersonContent): KnownElsewhere | null {
  const { id, templates, updatedAt, ...fields } = content;
  try {
    checkId(id);
    const values = applyFields(defaultValues(id), fields);
    if (canonicalJson(values) !== canonicalJson(fields)) return null;
    const read = templates.map(({ createdAt, source, quality, vectors }) => {
      const embeddings = vectors.map(({ embedder, vector }) => ({ embedder, vector: unpackVector(vector) }));
      const isSound = embeddings.every(
        ({ embedder, vector }) => vector.length === vectorLength(embedder) && vector.every(Number.isFinite),
      );
      return isSound ? { createdAt, source, quality, embeddings } : null;
    });
    const sound = read.filter((template) => template !== null);
    return sound.length === read.length ? { person: { id, ...values, updatedAt }, templates: sound } : null;
  } catch {
    return null;
  }
}

/** The text that is signed: canonical, so that every door that holds the person can make it again. */
export function documentText(
  site: string,
  topic: string,
  { life, version, door, person }: Pick<Stamp, "life" | "version" | "door"> & { person: PersonContent | null },
): string {
  const document: PersonDocument = { format: "lintel-fleet-person-1", site, topic, life, version, door, person };
  return canonicalJson(document);
}
