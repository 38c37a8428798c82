/** The painter of layers: keeps their replies and paints them beside the page's own thread. */

import { findAt } from "./finding";
import { type Packed, unpack } from "./packed";
import { type Context2d, paint } from "./painting";
import type { Answered, Told } from "./talk";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Told>) => void;
  postMessage: (message: Answered, transfer?: Transferable[]) => void;
};

const replies = new Map<number, Packed>();
const canvas = new OffscreenCanvas(1, 1);

scope.onmessage = ({ data }) => {
  if (data.is === "reply") replies.set(data.id, unpack(data.bytes));
  else if (data.is === "forget") replies.delete(data.id);
  else if (data.is === "find") find(data);
  else paintAll(data);
};

function find({ ask, ids, at, reach }: Told & { is: "find" }): void {
  for (const id of ids) {
    const packed = replies.get(id);
    const index = packed ? findAt(packed, at, reach) : null;
    if (index === null) continue;
    scope.postMessage({ is: "found", ask, found: { id, index } });
    return;
  }
  scope.postMessage({ is: "found", ask, found: null });
}

function paintAll({ affine, width, height, ratio, layers }: Told & { is: "paint" }): void {
  const began = performance.now();
  // Setting a size clears a canvas and its transformation.
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext("2d") as Context2d | null;
  context?.scale(ratio, ratio);
  for (const { id, ...style } of layers) {
    const packed = replies.get(id);
    if (context && packed) paint(context, packed, { affine, width, height }, style);
  }
  const picture = canvas.transferToImageBitmap();
  scope.postMessage({ is: "painted", picture, ms: performance.now() - began }, [picture]);
}
