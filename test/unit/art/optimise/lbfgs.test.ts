import { describe, expect, test } from "vitest";
import { type Evaluated, Lbfgs, type LbfgsParts } from "../../../../src/art/optimise/lbfgs.ts";
import { seededRandom } from "../../../../src/core/random.ts";

const free = [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]] as const;
const rules = { bounds: free, firstMove: 0.1, longestMove: 10 };

type Objective = (place: Float32Array) => Evaluated;

function counted(objective: Objective, changes: Partial<LbfgsParts> = {}) {
  const counter = { evaluations: 0 };
  const evaluate = async (place: Float32Array) => {
    counter.evaluations++;
    return objective(place);
  };
  return { counter, parts: { ...rules, evaluate, ...changes } };
}

/** Half the sum of squares, each with a curvature of its own from 1 to 1000. */
const quadratic: Objective = (place) => {
  const curvature = (i: number) => 1000 ** (i / (place.length - 1));
  let value = 0;
  for (const [i, x] of place.entries()) value += 0.5 * curvature(i) * x ** 2;
  return { value, gradient: place.map((x, i) => curvature(i) * x) };
};

/** Rosenbrock's valley in the plane; lowest, 0, at (1, 1). */
const rosenbrock: Objective = (place) => {
  const [x = 0, y = 0] = place;
  const gradient = Float32Array.of(-2 * (1 - x) - 400 * x * (y - x ** 2), 200 * (y - x ** 2));
  return { value: (1 - x) ** 2 + 100 * (y - x ** 2) ** 2, gradient };
};

async function run(parts: LbfgsParts, place: Float32Array, steps: number, history?: readonly Float32Array[]) {
  const lbfgs = new Lbfgs(parts, place, history);
  const outcomes = [];
  for (let i = 0; i < steps; i++) outcomes.push(await lbfgs.step());
  return { lbfgs, outcomes };
}

const start = () => {
  const random = seededRandom(3);
  return Float32Array.from({ length: 50 }, () => 4 * random() - 2);
};

describe("L-BFGS", () => {
  test("a quadratic of condition 1000 in fifty numbers falls by a hundred million in 200 evaluations", async () => {
    const { counter, parts } = counted(quadratic);
    const place = start();
    const before = quadratic(place).value;
    const { lbfgs } = await run(parts, place, 1);
    while (counter.evaluations < 200) await lbfgs.step();
    expect(quadratic(place).value).toBeLessThan(1e-8 * before);
  });

  test("it finds the end of Rosenbrock's valley", async () => {
    const { counter, parts } = counted(rosenbrock);
    const place = Float32Array.of(-1.2, 1);
    await run(parts, place, 60);
    expect(rosenbrock(place).value).toBeLessThan(1e-9);
    expect(counter.evaluations).toBeLessThan(160);
  });

  test("no step goes up", async () => {
    const { parts } = counted(rosenbrock);
    const place = Float32Array.of(-1.2, 1);
    const lbfgs = new Lbfgs(parts, place);
    for (let i = 0, before = rosenbrock(place).value; i < 40; i++) {
      await lbfgs.step();
      const { value } = rosenbrock(place);
      expect(value).toBeLessThanOrEqual(before);
      before = value;
    }
  });

  test("numbers stay within their bounds, and those at a bound are no hindrance to the others", async () => {
    const { parts } = counted(
      (place) => ({
        value: 0.5 * ((place[0]! - 5) ** 2 + (place[1]! + 3) ** 2),
        gradient: Float32Array.of(place[0]! - 5, place[1]! + 3),
      }),
      {
        bounds: [
          [-1, 1],
          [-9, 9],
        ],
      },
    );
    const place = Float32Array.of(0, 0);
    await run(parts, place, 20);
    expect(place[0]).toBe(1);
    expect(place[1]).toBeCloseTo(-3, 4);
  });

  test("at the lowest place it says so and asks no more than it must", async () => {
    const { counter, parts } = counted(quadratic);
    const { outcomes } = await run(parts, new Float32Array(50), 3);
    expect(outcomes).toEqual(["settled", "settled", "settled"]);
    expect(counter.evaluations).toBe(1);
  });

  test("values that are no numbers are too far, not the end", async () => {
    const wall: Objective = (place) =>
      Math.abs(place[0]!) < 2.5 ? quadratic(place) : { value: Number.NaN, gradient: place.map(() => Number.NaN) };
    const { parts } = counted(wall, { firstMove: 1000, longestMove: 1000 });
    const place = start();
    const { outcomes } = await run(parts, place, 60);
    expect(outcomes[0]).toBe("lower");
    expect(quadratic(place).value).toBeLessThan(0.05);
  });

  test("where nothing is a number it says so and stays", async () => {
    const nothing: Objective = (place) => ({ value: Number.NaN, gradient: place });
    const place = start();
    expect((await run(counted(nothing).parts, place, 1)).outcomes).toEqual(["no number"]);
    const { counter, parts } = counted((at) => (counter.evaluations === 1 ? quadratic(at) : nothing(at)));
    expect((await run(parts, place, 1)).outcomes).toEqual(["no number"]);
    expect(place).toEqual(start());
  });

  test("from a place and the moves behind it, it goes on to the last bit", async () => {
    const whole = start();
    await run(counted(quadratic).parts, whole, 24);
    const broken = start();
    const { lbfgs } = await run(counted(quadratic).parts, broken, 13);
    expect(lbfgs.history).toHaveLength(20);
    const kept = lbfgs.history.map((array) => array.slice());
    await run(counted(quadratic).parts, broken, 11, kept);
    expect(broken).toEqual(whole);
  });
});
