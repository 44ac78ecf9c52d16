import { describe, expect, it } from "vitest";
import { Sensor } from "../../../src/simulation/sensor.ts";

const grey = (value: number) => new Uint8Array(30_000).fill(value);
const exposed = (sensor: Sensor, value: number, tMs = 0) => {
  const rgb = grey(value);
  sensor.expose(rgb, tMs);
  return rgb;
};
const moments = (rgb: Uint8Array) => {
  const mean = rgb.reduce((sum, v) => sum + v, 0) / rgb.length;
  return { mean, deviation: Math.sqrt(rgb.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rgb.length) };
};

describe("the sensor", () => {
  it("adds the noise it was told to, around the true value", () => {
    const { mean, deviation } = moments(exposed(new Sensor({ seed: 1, exposure: 1, noise: 5 }), 120));
    expect(Math.abs(mean - 120)).toBeLessThan(0.6);
    expect(Math.abs(deviation - 5)).toBeLessThan(0.4);
  });

  it("scales with the light, and is noisier in the dark", () => {
    const { mean, deviation } = moments(exposed(new Sensor({ seed: 1, exposure: 0.25, noise: 5 }), 200));
    expect(Math.abs(mean - 50)).toBeLessThan(1);
    expect(deviation).toBeGreaterThan(9);
  });

  it("stays within the range of a byte", () => {
    const sensor = new Sensor({ seed: 1, exposure: 1, noise: 20 });
    expect(Math.min(...exposed(sensor, 2).subarray(0, 5_000))).toBe(0);
    expect(Math.max(...exposed(sensor, 2))).toBeLessThan(128);
    expect(Math.min(...exposed(sensor, 253))).toBeGreaterThan(128);
  });

  it("gives each moment its own noise, and the same moment the same", () => {
    const sensor = new Sensor({ seed: 1, exposure: 1, noise: 3 });
    expect(exposed(sensor, 100, 500)).toEqual(exposed(sensor, 100, 500));
    expect(exposed(sensor, 100, 500)).not.toEqual(exposed(sensor, 100, 567));
    expect(exposed(sensor, 100, 500)).not.toEqual(exposed(new Sensor({ seed: 2, exposure: 1, noise: 3 }), 100, 500));
  });

  it("leaves a perfect picture alone", () => {
    expect(exposed(new Sensor({ seed: 1, exposure: 1, noise: 0 }), 77)).toEqual(grey(77));
  });
});
