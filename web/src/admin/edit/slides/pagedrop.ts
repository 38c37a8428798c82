/** Files that are dropped anywhere on a page. */

import { useEffect } from "preact/hooks";
import { type Dropped, filesOf } from "./files";

/** The whole page takes a drop; the browser must not open the file instead. */
export function usePageDrop(isOver: { value: boolean }, onDrop: (dropped: Dropped[]) => void) {
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      isOver.value = true;
    };
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) isOver.value = false;
    };
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      isOver.value = false;
      filesOf(event.dataTransfer).then(onDrop, () => undefined);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  });
}
