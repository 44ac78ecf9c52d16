/** Power of every frequency of a square of real values whose side is a power of two (radix-2 FFT: Cooley and Tukey 1965), row by row. */
export function powerSpectrum(values: Float32Array, side: number): Float64Array {
  const re = Float64Array.from(windowed(values, side));
  const im = new Float64Array(re.length);
  for (let y = 0; y < side; y++) transform(re, im, { start: y * side, step: 1, count: side });
  for (let x = 0; x < side; x++) transform(re, im, { start: x, step: side, count: side });
  return re.map((value, i) => value * value + im[i]! * im[i]!);
}

// --- internal ---

/** Without its mean, and faded out towards the rim (Hann), so that the rim is no edge. */
function windowed(values: Float32Array, side: number): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const fade = Float32Array.from({ length: side }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / side));
  return values.map((value, i) => (value - mean) * fade[i % side]! * fade[Math.floor(i / side)]!);
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

function transform(re: Float64Array, im: Float64Array, { start, step, count }: Line): void {
  for (let i = 1, j = 0; i < count; i++) {
    let bit = count >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) swap(re, im, start + i * step, start + j * step);
  }
  for (let length = 2; length <= count; length *= 2) {
    const angle = (-2 * Math.PI) / length;
    for (let k = 0; k < length / 2; k++) {
      const [cos, sin] = [Math.cos(angle * k), Math.sin(angle * k)];
      for (let i = k; i < count; i += length) {
        const p = start + i * step;
        const q = p + (length / 2) * step;
        const r = re[q]! * cos - im[q]! * sin;
        const s = re[q]! * sin + im[q]! * cos;
        re[q] = re[p]! - r;
        im[q] = im[p]! - s;
        re[p] = re[p]! + r;
        im[p] = im[p]! + s;
      }
    }
  }
}

function swap(re: Float64Array, im: Float64Array, p: number, q: number): void {
  [re[p], re[q]] = [re[q]!, re[p]!];
  [im[p], im[q]] = [im[q]!, im[p]!];
}
