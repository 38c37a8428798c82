import { expect, test, vi } from "vitest";

// The tiles' module needs a browser; nothing of it is used here.
vi.mock("openseadragon", () => ({ default: { TileSource: class {} } }));

const { medianEdgeColour } = await import("./slidecache");

test("the ground is the colour that most of the edge has, whatever lies inside", () => {
  const [width, height] = [6, 5];
  const data = new Uint8ClampedArray(width * height * 4).fill(90);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue;
      data.set([244, 242, 240, 255], (y * width + x) * 4);
    }
  }
  data.set([0, 0, 0, 255], 0);

  expect(medianEdgeColour(data, width, height)).toBe("rgb(244 242 240)");
});
