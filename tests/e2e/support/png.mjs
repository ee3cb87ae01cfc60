// Screenshots small enough to be committed: the same picture in as few colours as the eye needs.
import { crc32, deflateSync } from "node:zlib";

const COLOURS = 256;

/** `buffer`, a PNG, as a PNG with a palette. `page` is a blank page that decodes it. */
export const inFewColours = async (page, buffer) => {
  const { width, height, palette, indices } = await page.evaluate(quantise, [buffer.toString("base64"), COLOURS]);
  const pixels = Buffer.from(indices, "base64");
  const lines = Buffer.alloc(height * (width + 1)); // each line begins with a zero: no filter
  for (let y = 0; y < height; y++) pixels.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // eight bits, palette
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const image = deflateSync(lines, { level: 9, memLevel: 9 });
  return Buffer.concat([signature, chunk("IHDR", header), chunk("PLTE", Buffer.from(palette)), chunk("IDAT", image), chunk("IEND", Buffer.alloc(0))]);
};

const chunk = (name, data) => {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

/** Runs in the page. Median cut: the box of colours with the widest spread is halved until there are enough boxes. */
const quantise = async ([base64, most]) => {
  const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  const words = new Uint32Array(data.buffer);
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const channel = (word, which) => (word >> (8 * which)) & 255;
  const boxOf = (colours) => {
    let [weight, widest, spread] = [0, 0, -1];
    for (const word of colours) weight += counts.get(word);
    for (const which of [0, 1, 2]) {
      let [low, high] = [255, 0];
      for (const word of colours) [low, high] = [Math.min(low, channel(word, which)), Math.max(high, channel(word, which))];
      if (high - low > spread) [widest, spread] = [which, high - low];
    }
    return { colours, weight, widest, score: spread * Math.sqrt(weight) };
  };
  const boxes = [boxOf([...counts.keys()])];
  while (boxes.length < most) {
    const worst = boxes.reduce((a, b) => (b.score > a.score ? b : a));
    if (worst.score === 0) break;
    const sorted = worst.colours.sort((a, b) => channel(a, worst.widest) - channel(b, worst.widest));
    let [seen, at] = [0, 0];
    while (at < sorted.length - 1 && seen < worst.weight / 2) seen += counts.get(sorted[at++]);
    boxes.splice(boxes.indexOf(worst), 1, boxOf(sorted.slice(0, at)), boxOf(sorted.slice(at)));
  }
  const palette = [];
  const places = new Map();
  boxes.forEach(({ colours, weight }, place) => {
    for (const which of [0, 1, 2]) {
      const sum = colours.reduce((sum, word) => sum + channel(word, which) * counts.get(word), 0);
      palette.push(Math.round(sum / weight));
    }
    for (const word of colours) places.set(word, place);
  });
  let indices = "";
  for (const word of words) indices += String.fromCharCode(places.get(word));
  return { width, height, palette, indices: btoa(indices) };
};
