// Vectors that lie to each other as faces do: people 0.75 apart on the average with a spread of 0.1, pictures of one person 0.3.
import { gaussian, seededRandom } from "../../dist/core/random.js";

const dimension = 128;
/** Real descriptors fill far fewer directions than they have numbers; that is what makes some strangers alike. */
const directions = 30;
export const templatesEach = 3;

/** `next()` gives another template, three of a person after each other; `probe(i)` a new picture of person i, `stranger()` of nobody. */
export function madeFaces(seed) {
  const random = seededRandom(seed);
  const axes = Array.from({ length: directions }, () => {
    const axis = Float32Array.from({ length: dimension }, () => gaussian(random) / Math.sqrt(dimension));
    return axis;
  });
  const person = () => {
    const vector = new Float32Array(dimension);
    for (const axis of axes) {
      const along = (gaussian(random) * 0.75) / Math.sqrt(2 * directions);
      for (let i = 0; i < dimension; i++) vector[i] += axis[i] * along;
    }
    return vector;
  };
  const picture = (vector) => vector.map((value) => value + (gaussian(random) * 0.3) / Math.sqrt(2 * dimension));
  const people = [];
  let made = 0;
  return {
    next() {
      const n = Math.floor(made / templatesEach);
      if (made++ % templatesEach === 0) people.push(person());
      return { personId: `p${n}`, templateId: made - 1, vector: picture(people[n]) };
    },
    probe: (n) => picture(people[n % people.length]),
    stranger: () => picture(person()),
  };
}

/** 1024 numbers of length one, two people 1.1 apart. */
export function secondVectors(seed) {
  const random = seededRandom(seed);
  const unit = (vector) => {
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
  const common = unit(Float32Array.from({ length: 1024 }, () => gaussian(random)));
  return (near) => unit((near ?? common).map((value) => value * 0.63 + (gaussian(random) * 0.78) / 32));
}
