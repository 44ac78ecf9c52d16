import { gaussian } from "../core/random.ts";
import { ease, randomFor } from "./chance.ts";

/** An empty lobby: a plain plastered wall in soft light from one side, a skirting board, a floor. */
export function paintRoom(size: { width: number; height: number; seed: number }): Uint8Array {
  const { width, height, seed } = size;
  const random = randomFor(seed, "room");
  const plaster = [valueNoise(seed, "plaster-coarse", 90), valueNoise(seed, "plaster-fine", 7)] as const;
  const lampX = width * (0.2 + 0.6 * random());
  const rgb = new Uint8Array(width * height * 3);
  const floorY = height * 0.93;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const lamp = 1 - Math.min(1, Math.hypot((x - lampX) / width, (y + 0.2 * height) / height) / 1.5);
      let light = 118 + 78 * lamp + 5 * plaster[0](x, y) + 3.5 * plaster[1](x, y) + 0.8 * gaussian(random);
      const floor = ease((y - floorY) / 3);
      const board = ease((y - floorY + height * 0.035) / 2) * (1 - floor);
      light += 22 * board - 50 * floor;
      const i = (y * width + x) * 3;
      rgb[i] = light * (1.0 - 0.05 * floor);
      rgb[i + 1] = light * 0.985 - 3 * floor;
      rgb[i + 2] = light * (0.945 - 0.1 * floor);
    }
  }
  return rgb;
}

/** Smooth noise between about -1 and 1 whose grains are `grainPx` wide. */
export function valueNoise(seed: number, part: string, grainPx: number): (x: number, y: number) => number {
  const random = randomFor(seed, part);
  const side = 64;
  const lattice = Float32Array.from({ length: side * side }, () => 2 * random() - 1);
  const at = (x: number, y: number) => lattice[(y & (side - 1)) * side + (x & (side - 1))]!;
  return (x, y) => {
    const [gx, gy] = [x / grainPx, y / grainPx];
    const [xi, yi] = [Math.floor(gx), Math.floor(gy)];
    const [fx, fy] = [ease(gx - xi), ease(gy - yi)];
    const top = at(xi, yi) * (1 - fx) + at(xi + 1, yi) * fx;
    const bottom = at(xi, yi + 1) * (1 - fx) + at(xi + 1, yi + 1) * fx;
    return top * (1 - fy) + bottom * fy;
  };
}
