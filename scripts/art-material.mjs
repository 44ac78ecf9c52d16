// Draws the pictures that docs/art.md paints with: two contents, a mask and four styles, by procedure alone, so that they belong to nobody.
// Usage: node scripts/art-material.mjs FOLDER
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write("Usage: node scripts/art-material.mjs FOLDER\n");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

/** Mulberry32, so that the pictures are the same every time. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const mix = (a, b, t) => a.map((value, i) => value + (b[i] - value) * t);
const css = (c) => `rgb(${c.map((value) => Math.round(Math.min(255, Math.max(0, value)))).join(",")})`;

/** Smooth noise in 0..1 by octaves of a value lattice. */
function noiseField(seed) {
  const lattice = (x, y, k) => {
    let h = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed + k, 2246822519);
    h = Math.imul(h ^ (h >>> 13), 1274126177);
    return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
  };
  const smooth = (t) => t * t * (3 - 2 * t);
  const one = (x, y, k) => {
    const [i, j] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [smooth(x - i), smooth(y - j)];
    const top = lattice(i, j, k) * (1 - u) + lattice(i + 1, j, k) * u;
    const low = lattice(i, j + 1, k) * (1 - u) + lattice(i + 1, j + 1, k) * u;
    return top * (1 - v) + low * v;
  };
  return (x, y, octaves = 4) => {
    let [sum, size, total] = [0, 1, 0];
    for (let k = 0; k < octaves; k++, size /= 2) {
      sum += size * one(x * 2 ** k, y * 2 ** k, k);
      total += size;
    }
    return sum / total;
  };
}

/** A ridge line as an SVG path down to the lower edge. */
function ridge({ width, height, base, rise, roughness, seed }) {
  const noise = noiseField(seed);
  const points = [];
  for (let x = 0; x <= width; x += 6) points.push(`${x},${base - rise * noise((x / width) * roughness, seed, 6)}`);
  return `M0,${height} L${points.join(" L")} L${width},${height} Z`;
}

function pine(x, y, size, colour) {
  const tiers = [0, 1, 2, 3].map((tier) => {
    const top = y - size * (1 - tier * 0.2);
    const half = size * (0.1 + tier * 0.065);
    return `<path d="M${x},${top} L${x + half},${top + size * 0.34} L${x - half},${top + size * 0.34} Z"/>`;
  });
  return `<g fill="${colour}">${tiers.join("")}<rect x="${x - size * 0.025}" y="${y - size * 0.1}" width="${size * 0.05}" height="${size * 0.14}"/></g>`;
}

/**
 * Evening at a mountain lake: sun, clouds, four ridges, their reflection, pines on the shore. Also where its sky is: white on
 * black.
 */
function lake(width, height) {
  const next = random(7);
  const shore = height * 0.6;
  const sun = { x: width * 0.64, y: height * 0.36 };
  const ridges = [
    { base: shore - 40, rise: 250, roughness: 3, seed: 11, colour: [142, 128, 168] },
    { base: shore - 20, rise: 210, roughness: 4, seed: 23, colour: [104, 96, 148] },
    { base: shore, rise: 150, roughness: 6, seed: 37, colour: [66, 74, 118] },
    { base: shore + 4, rise: 64, roughness: 9, seed: 41, colour: [34, 52, 80] },
  ].map((each) => `<path d="${ridge({ width, height: shore, ...each })}" fill="${css(each.colour)}"/>`);
  const clouds = Array.from({ length: 26 }, () => {
    const [x, y] = [next() * width, height * (0.06 + 0.26 * next())];
    const w = 60 + 200 * next();
    return `<ellipse cx="${x}" cy="${y}" rx="${w}" ry="${6 + w * 0.07}" fill="${css(mix([255, 214, 170], [240, 150, 150], next()))}" opacity="${0.16 + 0.3 * next()}"/>`;
  });
  const ripples = Array.from({ length: 170 }, () => {
    const depth = next();
    const y = shore + depth ** 1.5 * (height - shore);
    const x = sun.x + (next() - 0.5) * width * (0.12 + depth * 1.1);
    const w = 8 + 90 * depth * next();
    const nearSun = Math.exp(-(((x - sun.x) / (90 + 160 * depth)) ** 2));
    const colour = mix([58, 84, 130], [255, 214, 140], nearSun);
    return `<ellipse cx="${x}" cy="${y}" rx="${w}" ry="${1 + 2.6 * depth}" fill="${css(colour)}" opacity="${0.25 + 0.5 * nearSun}"/>`;
  });
  const pines = [];
  for (let i = 0; i < 30; i++) {
    const side = i % 2 === 0 ? next() ** 1.4 * 0.32 : 1 - next() ** 1.4 * 0.24;
    const near = next();
    pines.push({ x: side * width, y: shore + 14 + near * 150, size: 90 + near * 210, near });
  }
  pines.sort((a, b) => a.y - b.y);
  const trees = pines.map(({ x, y, size, near }) => pine(x, y, size, css(mix([30, 58, 66], [10, 26, 34], near))));
  const hut = `<g transform="translate(${width * 0.4},${shore - 6})"><rect x="-34" y="-34" width="68" height="40" fill="#3b2a2c"/><path d="M-44,-32 L0,-66 L44,-32 Z" fill="#7c3b34"/><rect x="-9" y="-22" width="18" height="28" fill="#ffcf70"/><rect x="14" y="-20" width="12" height="12" fill="#ffe09a"/><rect x="-27" y="-20" width="12" height="12" fill="#ffe09a"/></g>`;
  const scene = `${ridges.join("")}`;
  const land = `${scene}${trees.join("")}${hut}`.replaceAll(/fill="[^"]*"/g, 'fill="#000"');
  const sky = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}"/><rect width="${width}" height="${shore}" fill="#fff"/>${land}</svg>`;
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>
    <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#2c4a86"/><stop offset=".45" stop-color="#b58bb0"/><stop offset=".75" stop-color="#f7b48b"/><stop offset="1" stop-color="#ffe2a8"/></linearGradient>
    <linearGradient id="water" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#e8a98c"/><stop offset=".35" stop-color="#7d7fae"/><stop offset="1" stop-color="#20355f"/></linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff6cf"/><stop offset=".25" stop-color="#ffe39a" stop-opacity=".9"/><stop offset="1" stop-color="#ffbf80" stop-opacity="0"/></radialGradient></defs>
    <rect width="${width}" height="${shore}" fill="url(#sky)"/>${clouds.join("")}
    <circle cx="${sun.x}" cy="${sun.y}" r="190" fill="url(#glow)"/><circle cx="${sun.x}" cy="${sun.y}" r="42" fill="#fff7d8"/>${scene}
    <rect y="${shore}" width="${width}" height="${height - shore}" fill="url(#water)"/>
    <g transform="translate(0,${2 * shore}) scale(1,-1)" opacity=".42">${scene}</g>${ripples.join("")}${hut}${trees.join("")}</svg>`;
  return { picture, sky };
}

/** A street of old houses with a lit doorway, in the evening. */
function street(width, height) {
  const next = random(19);
  const ground = height * 0.78;
  const walls = ["#c96f4a", "#d9b26a", "#7f9a8a", "#b5525c", "#e0cfa4", "#6f86a8", "#c98b63"];
  let houses = "";
  let index = 0;
  for (let x = -20; x < width; index++) {
    const w = 120 + 90 * next();
    const h = height * (0.36 + 0.22 * next());
    const top = ground - h;
    const roof = 46 + 60 * next();
    houses += `<path d="M${x - 8},${top} L${x + w / 2},${top - roof} L${x + w + 8},${top} Z" fill="${["#5b2f33", "#47364f", "#6b3b2c"][index % 3]}"/>`;
    houses += `<rect x="${x}" y="${top}" width="${w}" height="${h}" fill="${walls[index % walls.length]}"/>`;
    houses += `<rect x="${x}" y="${top}" width="${w * 0.16}" height="${h}" fill="#000" opacity=".13"/>`;
    const columns = w > 160 ? 3 : 2;
    for (let row = 0; row < Math.floor((h - 90) / 74); row++) {
      for (let c = 0; c < columns; c++) {
        const isLit = next() < 0.45;
        const [wx, wy] = [x + ((c + 0.5) * w) / columns - 15, top + 24 + row * 74];
        houses += `<rect x="${wx - 5}" y="${wy - 5}" width="40" height="56" fill="#f3e6c8" opacity=".7"/><rect x="${wx}" y="${wy}" width="30" height="46" fill="${isLit ? "#ffd76e" : "#2f4560"}"/><path d="M${wx + 15},${wy} V${wy + 46} M${wx},${wy + 20} H${wx + 30}" stroke="#f3e6c8" stroke-width="3"/>`;
      }
    }
    const door = { x: x + w / 2 - 22, y: ground - 78 };
    const isOurs = index === 3;
    houses += `<path d="M${door.x},${ground} V${door.y + 20} a22,22 0 0 1 44,0 V${ground} Z" fill="${isOurs ? "#ffe08a" : "#33241f"}"/>`;
    if (isOurs) {
      houses += `<rect x="${door.x - 12}" y="${door.y - 14}" width="68" height="12" fill="#efe2c4"/>`;
      houses += `<path d="M${door.x - 4},${ground} L${door.x - 90},${height} H${door.x + 140} L${door.x + 48},${ground} Z" fill="#ffd980" opacity=".5"/>`;
    }
    x += w;
  }
  const stones = Array.from({ length: 420 }, () => {
    const depth = next();
    const y = ground + depth * (height - ground);
    return `<ellipse cx="${next() * width}" cy="${y}" rx="${8 + 22 * depth}" ry="${3 + 8 * depth}" fill="${css(mix([92, 84, 104], [164, 148, 140], next()))}" opacity=".6"/>`;
  });
  const moon = { x: width * 0.82, y: height * 0.14 };
  const stars = Array.from({ length: 60 }, () => {
    return `<circle cx="${next() * width}" cy="${next() * height * 0.35}" r="${0.8 + 1.6 * next()}" fill="#fff4d0"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#16244f"/><stop offset=".6" stop-color="#5b5a94"/><stop offset="1" stop-color="#e39a83"/></linearGradient></defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>${stars.join("")}<circle cx="${moon.x}" cy="${moon.y}" r="70" fill="#ffeeb8" opacity=".25"/><circle cx="${moon.x}" cy="${moon.y}" r="38" fill="#fff1c4"/>
    <rect y="${ground}" width="${width}" height="${height - ground}" fill="#6a6178"/>${stones.join("")}${houses}</svg>`;
}

/** Strokes of a loaded brush along a whirling field. */
function whirl(size) {
  const next = random(5);
  const noise = noiseField(3);
  const palette = [
    [24, 44, 110],
    [34, 82, 160],
    [72, 136, 200],
    [150, 196, 214],
    [246, 214, 96],
    [252, 236, 170],
    [20, 28, 66],
    [222, 160, 54],
  ];
  const centres = [
    [0.3, 0.32, 1],
    [0.72, 0.24, -1],
    [0.62, 0.72, 1],
    [0.16, 0.78, -1],
  ];
  const angleAt = (x, y) => {
    let angle = 4 * noise((x / size) * 2, (y / size) * 2, 2);
    for (const [cx, cy, sense] of centres) {
      const [dx, dy] = [x - cx * size, y - cy * size];
      const near = Math.exp(-(dx * dx + dy * dy) / (0.035 * size * size));
      angle = angle * (1 - near) + (Math.atan2(dy, dx) + (sense * Math.PI) / 2) * near;
    }
    return angle;
  };
  const strokes = [];
  for (let i = 0; i < 5200; i++) {
    let [x, y] = [next() * size, next() * size];
    const glow = Math.max(
      ...centres.map(([cx, cy]) => Math.exp(-(((x / size - cx) ** 2 + (y / size - cy) ** 2) / 0.006))),
    );
    const tone = noise((x / size) * 3, (y / size) * 3 + 9, 3) + 0.18 * (next() - 0.5);
    const base =
      glow > 0.35 + 0.3 * next()
        ? palette[4 + Math.floor(2 * next())]
        : palette[Math.min(3, Math.max(0, Math.floor((tone - 0.25) * 7)))];
    const colour = next() < 0.07 ? palette[6 + Math.floor(2 * next())] : base;
    const points = [`${x.toFixed(1)},${y.toFixed(1)}`];
    const length = 5 + Math.floor(6 * next());
    for (let k = 0; k < length; k++) {
      const angle = angleAt(x, y);
      x += 6 * Math.cos(angle);
      y += 6 * Math.sin(angle);
      points.push(`${x.toFixed(1)},${y.toFixed(1)}`);
    }
    const shade = mix(colour, next() < 0.5 ? [255, 255, 255] : [0, 0, 20], 0.22 * next());
    strokes.push(
      `<polyline points="${points.join(" ")}" stroke="${css(shade)}" stroke-width="${(4 + 6 * next()).toFixed(1)}"/>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="100%" height="100%" fill="#22407c"/><g fill="none" stroke-linecap="round" stroke-linejoin="round">${strokes.join("")}</g></svg>`;
}

/** Glass in lead: cells around points, each with a light of its own. */
async function glass(size) {
  const next = random(31);
  const palette = [
    [196, 40, 44],
    [236, 140, 36],
    [250, 206, 78],
    [38, 122, 92],
    [28, 84, 150],
    [112, 44, 120],
    [238, 232, 206],
    [16, 44, 96],
  ];
  const noise = noiseField(8);
  const points = Array.from({ length: 190 }, () => [
    next() * size,
    next() * size,
    palette[Math.floor(palette.length * next())],
  ]);
  const rgb = Buffer.alloc(3 * size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let [first, second, colour] = [1e9, 1e9, palette[0]];
      for (const [px, py, own] of points) {
        const distance = Math.hypot(x - px, y - py);
        if (distance < first) [second, first, colour] = [first, distance, own];
        else if (distance < second) second = distance;
      }
      const lead = Math.min(1, Math.max(0, (second - first - 3) / 3));
      const light = 0.72 + 0.5 * noise(x / 26, y / 26, 4) - first / 260;
      for (let c = 0; c < 3; c++)
        rgb[3 * (y * size + x) + c] = Math.min(255, 18 * (1 - lead) + lead * colour[c] * light);
    }
  }
  return sharp(rgb, { raw: { width: size, height: size, channels: 3 } });
}

/** Pen and ink on warm paper: hatching that follows the form. */
function ink(size) {
  const next = random(77);
  const noise = noiseField(12);
  const lines = [];
  for (let i = 0; i < 9000; i++) {
    const [x, y] = [next() * size, next() * size];
    const tone = noise((x / size) * 4, (y / size) * 4, 4);
    if (next() < (tone - 0.3) * 1.7) continue;
    const layer = tone < 0.42 && next() < 0.5 ? 1 : 0;
    const angle = 0.7 + 2.4 * noise((x / size) * 2 + 5, (y / size) * 2, 2) + layer * 1.3;
    const length = 10 + 22 * next();
    const [dx, dy] = [(Math.cos(angle) * length) / 2, (Math.sin(angle) * length) / 2];
    const bend = 4 * (next() - 0.5);
    lines.push(
      `<path d="M${(x - dx).toFixed(1)},${(y - dy).toFixed(1)} Q${(x + bend).toFixed(1)},${(y + bend).toFixed(1)} ${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}" stroke-width="${(0.8 + 1.8 * next()).toFixed(1)}"/>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="100%" height="100%" fill="#f3e7cd"/><g fill="none" stroke="#2b2024" stroke-linecap="round">${lines.join("")}</g></svg>`;
}

/** Short dabs of pure colour in autumn light, as pointillists set them. */
function dabs(size) {
  const next = random(55);
  const noise = noiseField(21);
  const warm = [
    [232, 92, 40],
    [246, 170, 48],
    [250, 214, 110],
    [196, 48, 52],
    [255, 236, 180],
  ];
  const cool = [
    [40, 92, 120],
    [70, 140, 130],
    [120, 86, 150],
    [26, 60, 92],
    [150, 190, 170],
  ];
  const marks = [];
  for (let i = 0; i < 11000; i++) {
    const [x, y] = [next() * size, next() * size];
    const t = noise((x / size) * 2.5, (y / size) * 2.5, 3) + 0.22 * (next() - 0.5);
    const set = t > 0.5 ? warm : cool;
    const colour = set[Math.floor(set.length * next())];
    const angle = 360 * noise((x / size) * 1.5 + 3, (y / size) * 1.5, 2);
    marks.push(
      `<ellipse cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" rx="${(5 + 4 * next()).toFixed(1)}" ry="${(3 + 2 * next()).toFixed(1)}" transform="rotate(${angle.toFixed(0)} ${x.toFixed(1)} ${y.toFixed(1)})" fill="${css(colour)}"/>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="100%" height="100%" fill="#8a6a52"/>${marks.join("")}</svg>`;
}

const { picture: lakePicture, sky } = lake(1280, 720);
const drawn = {
  lake: sharp(Buffer.from(lakePicture)),
  "lake-sky": sharp(Buffer.from(sky)),
  street: sharp(Buffer.from(street(1280, 720))),
  whirl: sharp(Buffer.from(whirl(720))),
  glass: await glass(640),
  ink: sharp(Buffer.from(ink(640))),
  dabs: sharp(Buffer.from(dabs(640))),
};
for (const [name, picture] of Object.entries(drawn)) {
  await picture
    .flatten({ background: "#ffffff" })
    .jpeg({ quality: 88 })
    .toFile(join(folder, `${name}.jpg`));
}
