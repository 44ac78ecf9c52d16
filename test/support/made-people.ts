import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { actorNamed, type Cast, enrolmentPhoto } from "../../src/simulation/cast.ts";

/** Twelve people of the sample photographs, nobody twice. */
const originals = ["1-0", "1-1", "1-2", "2-1", "2-2", "3-0", "4-0", "4-1", "4-2", "4-3", "5-0", "5-1"];

/** Which channels become red, green and blue, and how bright: the same face in other colours is somebody else here. */
const tints = {
  plain: [0, 1, 2, 1, 1, 1],
  blue: [2, 1, 0, 1, 1, 1],
  green: [1, 0, 2, 1, 1, 1],
  red: [0, 1, 2, 1, 0.35, 0.2],
} as const;
export type Tint = keyof typeof tints;
export const allTints: readonly Tint[] = ["plain", "blue", "green", "red"];

/** As cameras of four kinds would take one picture. */
const looks = {
  sharp: (picture: Sharp) => picture,
  blurred: (picture: Sharp, widthPx: number) => picture.blur(widthPx / 100),
  harsh: (picture: Sharp) => picture.sharpen({ sigma: 2, m1: 10, m2: 10 }),
  hazy: (picture: Sharp) => picture.linear(0.7, 40),
};
type Look = keyof typeof looks;
const everyLook: readonly Look[] = ["sharp", "blurred", "harsh", "hazy"];

/**
 * Writes a folder with a folder of pictures for each made person: twelve faces in each of the tints. In several tints the people are families
 * whose members an embedder hardly tells apart, while it does tell apart the pictures of one of them that were taken differently: what a
 * metric can learn. In one tint there is nothing left to learn.
 */
export async function writeMadePeople(
  cast: Cast,
  folder: string,
  made: { readonly tints: readonly Tint[]; readonly pictures: number },
): Promise<void> {
  for (const name of originals) {
    const original = await enrolmentPhoto(actorNamed(cast, `sample${name}`));
    const { width } = await sharp(original).metadata();
    for (const tint of made.tints) {
      const person = join(folder, `${name}-${tint}`);
      mkdirSync(person, { recursive: true });
      const tinted = await sharp(original).recomb(recombination(tint)).png().toBuffer();
      for (const look of everyLook.slice(0, made.pictures)) {
        const picture = looks[look](sharp(tinted), width);
        writeFileSync(join(person, `${look}.jpg`), await picture.jpeg({ quality: 92 }).toBuffer());
      }
    }
  }
}

type Row = [number, number, number];

function recombination(tint: Tint): [Row, Row, Row] {
  const [red, green, blue, ...strength] = tints[tint];
  const row = (from: number, out: number): Row => {
    const at = (channel: number): number => (channel === from ? (strength[out] ?? 1) : 0);
    return [at(0), at(1), at(2)];
  };
  return [row(red, 0), row(green, 1), row(blue, 2)];
}
