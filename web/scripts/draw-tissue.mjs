/**
 * Draws the tissue of the sign-in page: `node scripts/draw-tissue.mjs > src/account/tissue.svg`.
 *
 * One pixel is 0.5 µm, as on a screen at 20×: nuclei of 8 µm are 16 pixels long. Nothing in it was
 * ever a patient's.
 */

const WIDTH = 2000;
const HEIGHT = 1300;
const random = generator(7);

const glands = scatter(26, 205).map(([x, y]) => gland(x, y, between(70, 138)));
const inGland = (x, y, margin = 0) =>
  glands.some((each) => Math.hypot(x - each.x, y - each.y) < each.edge(x, y) + margin);

const parts = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
  `<rect width="${WIDTH}" height="${HEIGHT}" fill="#efd3e0"/>`,
  ...fibres(),
  ...gaps(),
  ...glands.flatMap((each) => each.ground),
  ...nuclei(),
  "</svg>",
];
process.stdout.write(`${parts.join("\n")}\n`);

/** Collagen: bundles of strokes that follow a slow field and bend around the glands. */
function fibres() {
  const shades = [
    ["#e6b0cb", 11, 0.5, 210],
    ["#df98bd", 5, 0.5, 330],
    ["#f6e4ec", 4, 0.75, 240],
    ["#d683b0", 2.5, 0.5, 330],
  ];
  return shades.map(([colour, width, opacity, count]) => {
    const lines = Array.from({ length: count }, () => {
      let [x, y] = [between(-80, WIDTH), between(-80, HEIGHT)];
      let line = `M${round(x)} ${round(y)}`;
      for (let step = 0; step < 4; step += 1) {
        const angle = flow(x, y) + between(-0.12, 0.12);
        const [dx, dy] = [Math.cos(angle) * 42, Math.sin(angle) * 42];
        line += `q${round(dx / 2 - dy * 0.08)} ${round(dy / 2 + dx * 0.08)} ${round(dx)} ${round(dy)}`;
        x += dx;
        y += dy;
      }
      return line;
    });
    return `<path fill="none" stroke="${colour}" stroke-width="${width}" stroke-opacity="${opacity}" stroke-linecap="round" d="${lines.join("")}"/>`;
  });
}

/** Clefts where the section tore: glass seen through it. */
function gaps() {
  const clefts = scatter(26, 120)
    .filter(([x, y]) => !inGland(x, y, 40))
    .map(([x, y]) => {
      const angle = flow(x, y);
      return blob(x, y, between(12, 26), between(0.25, 0.5), angle);
    });
  return [`<path fill="#f5f0f4" d="${clefts.join("")}"/>`];
}

/** A gland: a lumen, and around it epithelium of two or three rows of nuclei. */
function gland(x, y, radius) {
  const waves = [2, 3, 5].map((order) => [order, between(-0.11, 0.11), between(0, 6.3)]);
  const reach = (angle) =>
    radius *
    waves.reduce((sum, [order, size, phase]) => sum + size * Math.sin(order * angle + phase), 1);
  const thickness = between(40, 58);
  const outline = (inset) =>
    closed(
      Array.from({ length: 28 }, (_, index) => {
        const angle = (index / 28) * 2 * Math.PI;
        const length = Math.max(reach(angle) - inset, 4);
        return [x + Math.cos(angle) * length, y + Math.sin(angle) * length];
      }),
    );
  return {
    x,
    y,
    reach,
    thickness,
    edge: (px, py) => reach(Math.atan2(py - y, px - x)),
    ground: [
      `<path fill="#e8c4da" d="${outline(-7)}"/>`,
      `<path fill="#cf9cc6" d="${outline(0)}"/>`,
      `<path fill="#dcb4d2" d="${outline(thickness * 0.6)}"/>`,
      `<path fill="#f5f0f4" d="${outline(thickness)}"/>`,
    ],
  };
}

/** All nuclei, as one path for each shade; none lies on another. */
function nuclei() {
  const shades = new Map();
  const taken = [];
  const place = ({ x, y, distance, shade, shape }) => {
    const isOutside = x < -20 || y < -20 || x > WIDTH + 20 || y > HEIGHT + 20;
    if (isOutside || taken.some(([tx, ty]) => Math.hypot(tx - x, ty - y) <= distance)) return;
    taken.push([x, y]);
    shades.set(shade, (shades.get(shade) ?? "") + shape);
  };
  for (const nucleus of [...glands.flatMap(epithelial), ...spindles(), ...lymphocytes()]) {
    place(nucleus);
  }
  return [...shades].map(
    ([shade, shapes]) => `<path fill="${shade}" fill-opacity=".93" d="${shapes}"/>`,
  );
}

/** Nuclei of a gland's epithelium, in rows, their long axis towards the lumen. */
function epithelial(each) {
  const shades = ["#5d4390", "#6e52a3", "#7f63b2"];
  const rows = [11, 25, 38].filter((depth) => depth <= each.thickness - 8);
  return rows.flatMap((depth) => {
    const count = Math.round(((each.reach(0) - depth) * 2 * Math.PI) / 12.5);
    return Array.from({ length: count }, (_, index) => {
      const angle = ((index + between(-0.35, 0.35)) / count) * 2 * Math.PI;
      const length = Math.max(14, each.reach(angle) - depth - between(-5, 5));
      const [x, y] = [each.x + Math.cos(angle) * length, each.y + Math.sin(angle) * length];
      const shade = shades[Math.floor(random() * shades.length)];
      const turn = angle + between(-0.4, 0.4);
      const shape = oval(x, y, between(7, 9.4), between(4.6, 6.2), turn);
      return { x, y, distance: 11, shade, shape };
    });
  });
}

/** Fibroblasts: spindles along the fibres. */
function spindles() {
  return Array.from({ length: 620 }, () => [between(0, WIDTH), between(0, HEIGHT)])
    .filter(([x, y]) => !inGland(x, y, 10))
    .map(([x, y]) => {
      const turn = flow(x, y) + between(-0.25, 0.25);
      const shape = oval(x, y, between(8, 12), between(2.2, 3.4), turn);
      return { x, y, distance: 22, shade: "#6e52a3", shape };
    });
}

/** Lymphocytes: small, round, dark, in clusters. */
function lymphocytes() {
  return scatter(13, 150)
    .flatMap(([x, y]) => Array.from({ length: 34 }, () => [x + normal() * 34, y + normal() * 24]))
    .filter(([x, y]) => !inGland(x, y, 8))
    .map(([x, y]) => ({ x, y, distance: 10, shade: "#463179", shape: oval(x, y, 4.8, 4.8, 0) }));
}

/** Points that keep a distance, as far as a few tries find room. */
function scatter(count, distance) {
  const points = [];
  for (let tries = 0; points.length < count && tries < 6000; tries += 1) {
    const point = [between(-40, WIDTH + 40), between(-40, HEIGHT + 40)];
    if (points.every(([x, y]) => Math.hypot(x - point[0], y - point[1]) > distance))
      points.push(point);
  }
  return points;
}

function flow(x, y) {
  return 0.55 + 0.5 * Math.sin(x / 310 + y / 540) + 0.4 * Math.cos(y / 260 - x / 700);
}

function oval(x, y, long, short, turn) {
  const degrees = round((turn * 180) / Math.PI);
  const [dx, dy] = [Math.cos(turn) * long, Math.sin(turn) * long];
  const arc = `a${tenth(long)} ${tenth(short)} ${degrees} 1 0 `;
  return `M${round(x - dx)} ${round(y - dy)}${arc}${round(2 * dx)} ${round(2 * dy)}${arc}${round(-2 * dx)} ${round(-2 * dy)}`;
}

function blob(x, y, long, ratio, turn) {
  return closed(
    Array.from({ length: 9 }, (_, index) => {
      const angle = (index / 9) * 2 * Math.PI;
      const [across, down] = [
        Math.cos(angle) * long * between(0.8, 1.2),
        Math.sin(angle) * long * ratio,
      ];
      return [
        x + across * Math.cos(turn) - down * Math.sin(turn),
        y + across * Math.sin(turn) + down * Math.cos(turn),
      ];
    }),
  );
}

/** A smooth closed curve: the points are its handles, their middles lie on it. */
function closed(points) {
  const middle = ([ax, ay], [bx, by]) => `${round((ax + bx) / 2)} ${round((ay + by) / 2)}`;
  const curves = points.map((point, index) => {
    const next = points[(index + 1) % points.length];
    return `Q${round(point[0])} ${round(point[1])} ${middle(point, next)}`;
  });
  return `M${middle(points.at(-1), points[0])}${curves.join("")}Z`;
}

function between(low, high) {
  return low + random() * (high - low);
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Whole pixels: half a pixel shows nowhere, and the file is half as long. */
function round(value) {
  return Math.round(value);
}

function tenth(value) {
  return Number(value.toFixed(1));
}

/** Mulberry32: the same picture on every run. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
