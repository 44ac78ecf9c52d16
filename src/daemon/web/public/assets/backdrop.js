// A quiet landscape: ridges behind ridges under the sky of the hour. Drawn from the date, so each day has its own hills.

// hour, sky from top to horizon, farthest and nearest ridge
const hours = [
  [0, "#060a18", "#0d1530", "#1c2546", "#1b2445", "#04060d"],
  [5, "#0d1230", "#2b2c5c", "#8a5a76", "#3d3c68", "#0a0c1c"],
  [6.5, "#2c3a72", "#a8718a", "#f6b184", "#7d6f90", "#17182c"],
  [9, "#3a7ab2", "#86b8d8", "#f0dfc4", "#8aabba", "#16343d"],
  [13, "#2c70b2", "#79b2da", "#d6e8ee", "#8bb0bb", "#153a3c"],
  [17, "#34518f", "#a487a4", "#fcc48a", "#8d7b97", "#1d1e36"],
  [18.5, "#242c62", "#a5587c", "#f58f62", "#6f5179", "#160f26"],
  [20.5, "#0d1332", "#2b2a58", "#5a4168", "#34335c", "#090a18"],
  [24, "#060a18", "#0d1530", "#1c2546", "#1b2445", "#04060d"],
];
const ridges = 7;
// falls off softly, so that no edge shows
const glowFade = [
  [0, 1],
  [0.2, 0.5],
  [0.45, 0.17],
  [0.7, 0.04],
  [1, 0],
];

export function drawBackdrop(context, date) {
  const { width, height } = context.canvas;
  const hour = date.getHours() + date.getMinutes() / 60;
  const [top, middle, horizon, far, near] = palette(hour);
  const random = seeded(date.getFullYear() * 400 + date.getMonth() * 31 + date.getDate());
  const sky = context.createLinearGradient(0, 0, 0, height * 0.75);
  sky.addColorStop(0, css(top));
  sky.addColorStop(0.6, css(middle));
  sky.addColorStop(1, css(horizon));
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  drawStars(context, random, hour);
  drawSunOrMoon(context, hour);
  for (let i = 0; i < ridges; i++) {
    const depth = i / (ridges - 1);
    const colour = mix(far, near, depth ** 0.85);
    const base = height * (0.5 + 0.36 * depth);
    drawRidge(context, {
      random,
      base,
      amplitude: height * (0.07 + 0.07 * depth),
      colour,
      haze: mix(colour, horizon, 0.35 * (1 - depth)),
    });
  }
}

function drawRidge(context, { random, base, amplitude, colour, haze }) {
  const { width, height } = context.canvas;
  const waves = Array.from({ length: 6 }, (_, i) => ({
    cycles: (0.7 + random() * 0.6) * 1.9 ** i,
    phase: random() * Math.PI * 2,
    weight: 0.55 ** i,
  }));
  context.beginPath();
  context.moveTo(0, height);
  for (let x = 0; x <= width + 4; x += 4) {
    const at = (x / Math.max(width, height)) * Math.PI * 2;
    const lift = waves.reduce((sum, { cycles, phase, weight }) => sum + weight * Math.sin(at * cycles + phase), 0);
    context.lineTo(x, base - amplitude * lift);
  }
  context.lineTo(width, height);
  const fill = context.createLinearGradient(0, base - amplitude, 0, base + amplitude * 2.2);
  fill.addColorStop(0, css(colour));
  fill.addColorStop(1, css(haze));
  context.fillStyle = fill;
  context.fill();
}

function drawSunOrMoon(context, hour) {
  const { width, height } = context.canvas;
  const isDay = hour >= 6 && hour < 19;
  const way = isDay ? (hour - 6) / 13 : ((hour + 5) % 24) / 11;
  const x = width * (0.1 + 0.8 * way);
  const y = height * (0.6 - 0.44 * Math.sin(Math.PI * way));
  const radius = Math.min(width, height) * (isDay ? 0.05 : 0.035);
  const glow = context.createRadialGradient(x, y, radius * 0.5, x, y, radius * 7);
  const [tint, strength] = isDay ? ["255 244 214", 0.55] : ["200 212 255", 0.25];
  for (const [at, part] of glowFade) glow.addColorStop(at, `rgb(${tint} / ${strength * part})`);
  context.fillStyle = glow;
  context.fillRect(0, 0, width, height);
  context.fillStyle = isDay ? "#fff6dc" : "#e4e9f7";
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fill();
}

function drawStars(context, random, hour) {
  const { width, height } = context.canvas;
  const darkness = Math.max(0, Math.min(1, hour < 12 ? 5.5 - hour : hour - 19.5));
  for (let i = 0; i < 140; i++) {
    const [x, y, size] = [random() * width, random() ** 1.5 * height * 0.6, 0.4 + random() * 1.1];
    context.fillStyle = `rgb(255 255 255 / ${(0.25 + random() * 0.5) * darkness})`;
    context.fillRect(x, y, size, size);
  }
}

function palette(hour) {
  const after = Math.max(
    1,
    hours.findIndex(([at]) => at > hour),
  );
  const [from, to] = [hours[after - 1], hours[after]];
  const part = (hour - from[0]) / (to[0] - from[0]);
  return from.slice(1).map((colour, i) => mix(parse(colour), parse(to[i + 1]), part));
}

const parse = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
const mix = (a, b, part) => a.map((value, i) => value + (b[i] - value) * part);
const css = (colour) => `rgb(${colour.map(Math.round).join(" ")})`;

/** Mulberry32. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
