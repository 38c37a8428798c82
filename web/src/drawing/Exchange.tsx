/** Shapes as files: handed out in a format of choice, and taken in. */

import { useSignal } from "@preact/signals";
import { Failure, fetchBlob, isObject, post, text } from "../api/http";
import { problemOf } from "../ui/failure";
import type { Desk } from "../viewer/desk";
import { drawingWords } from "./words";

const FORMATS = [
  { name: "geojson", said: "GeoJSON", ending: "geojson" },
  { name: "asap", said: "ASAP XML", ending: "xml" },
] as const;
const MOST_BYTES = 20_000_000;

type Format = (typeof FORMATS)[number];

export function Exchange({ desk }: { desk: Desk }) {
  const said = drawingWords;
  const note = useSignal("");
  const isBusy = useSignal(false);
  const run = async (deed: () => Promise<string>) => {
    isBusy.value = true;
    note.value = "";
    try {
      note.value = await deed();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      note.value = problemOf(error, new Date()).sentence;
    } finally {
      isBusy.value = false;
    }
  };
  const canImport = desk.sheet.canAnswer.value;
  return (
    <div class="exchange">
      {FORMATS.map((format) => (
        <button
          type="button"
          class="button small"
          key={format.name}
          disabled={isBusy.value}
          onClick={() => void run(() => exportShapes(desk, format))}
        >
          {said.exporting} {format.said}
        </button>
      ))}
      {canImport && (
        <label class="button small">
          {said.importing}
          <input
            type="file"
            class="for-readers"
            accept=".geojson,.json,.xml,.tsv,.csv"
            disabled={isBusy.value}
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              event.currentTarget.value = "";
              if (file) void run(() => importShapes(desk, file));
            }}
          />
        </label>
      )}
      <p role="status">{note}</p>
    </div>
  );
}

async function exportShapes(desk: Desk, format: Format): Promise<string> {
  const about = whose(desk);
  const query = new URLSearchParams({ ...about, format: format.name });
  const file = await fetchBlob(`/Api/ExportAnnotations?${query}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${desk.reading.name.value}.${format.ending}`;
  link.click();
  // Browsers have taken hold of the file when the click returns.
  window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  return drawingWords.exported("");
}

async function importShapes(desk: Desk, file: File): Promise<string> {
  if (file.size > MOST_BYTES) return drawingWords.tooLarge;
  const reply = await post("ImportAnnotations", {
    ...whose(desk),
    annotations: await file.text(),
  });
  const { studyId } = desk.reading;
  const subject = desk.sheet.subject.value;
  if (studyId.value !== null && subject) {
    // Classes without a question become new ones.
    await desk.sheet.start(studyId.value);
    await desk.sheet.open({ ...subject });
  }
  return drawingWords.imported(isObject(reply) ? text(reply.log) : "");
}

function whose(desk: Desk): Record<string, string> {
  return {
    imageId: String(desk.reading.slide.value?.id ?? ""),
    user: desk.sheet.rights.value?.email ?? "",
  };
}
