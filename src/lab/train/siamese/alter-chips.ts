import type { Random } from "../../../core/random.ts";
import { standardised } from "./chips.ts";

/** How far a picture may be turned, enlarged or made smaller, moved (part of its side) and lit from a side (edge against middle), each way. */
const most = { turnDeg: 12, enlargement: 0.12, shift: 1 / 16, light: 0.6 };

/** Grey chips, one a row, as another moment might have made them: a little turned, enlarged and moved, mirrored or not, lit from a side. */
export function alteredChips(rows: Float32Array, side: number, random: Random): Float32Array {
  const altered = new Float32Array(rows.length);
  const size = side * side;
  for (let at = 0; at < rows.length; at += size) {
    altered.set(standardised(alteredChip(rows.subarray(at, at + size), side, random), 1e-4), at);
  }
  return altered;
}

// --- internal ---

function alteredChip(chip: Float32Array, side: number, random: Random): Float32Array {
  const either = (bound: number): number => (random() * 2 - 1) * bound;
  const turn = (either(most.turnDeg) * Math.PI) / 180;
  const size = Math.exp(either(most.enlargement));
  const [moveX, moveY] = [either(most.shift * side), either(most.shift * side)];
  const mirror = random() < 0.5 ? -1 : 1;
  const [lightFrom, light] = [random() * 2 * Math.PI, random() * most.light];
  const [across, down] = [Math.cos(turn) * size, Math.sin(turn) * size];
  const [lightX, lightY] = [Math.cos(lightFrom) * light, Math.sin(lightFrom) * light];
  const middle = (side - 1) / 2;
  const picture = { chip, side };
  const altered = new Float32Array(chip.length);
  for (let place = 0; place < chip.length; place++) {
    const x = (place % side) - middle;
    const y = Math.floor(place / side) - middle;
    const fromX = mirror * (across * x - down * y) + middle + moveX;
    const fromY = down * x + across * y + middle + moveY;
    altered[place] = valueAt(picture, fromX, fromY) + (lightX * x + lightY * y) / middle;
  }
  return altered;
}

/** Between the four pixels around it; beyond the edge as at the edge. */
function valueAt({ chip, side }: { chip: Float32Array; side: number }, x: number, y: number): number {
  const [column, row] = [Math.min(Math.max(x, 0), side - 1), Math.min(Math.max(y, 0), side - 1)];
  const [left, top] = [Math.min(Math.floor(column), side - 2), Math.min(Math.floor(row), side - 2)];
  const [right, below] = [column - left, row - top];
  const place = top * side + left;
  const upper = chip[place]! * (1 - right) + chip[place + 1]! * right;
  const lower = chip[place + side]! * (1 - right) + chip[place + side + 1]! * right;
  return upper * (1 - below) + lower * below;
}
