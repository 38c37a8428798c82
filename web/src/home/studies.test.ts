import { expect, test } from "vitest";
import type { Study } from "../api/studies";
import { byFolder, matching } from "./studies";

const study = (id: number, name: string, folder = "", label = name): Study => ({
  id,
  name,
  label,
  folder,
  publishedOn: null,
  slideCount: null,
  scoredCount: null,
  tags: [],
});

test("studies lie in their folders, both in the order people count in; the rest comes last", () => {
  const folders = byFolder([
    study(1, "zeta"),
    study(2, "TMA 10", "Colon"),
    study(3, "TMA 9", "Colon"),
    study(4, "alpha", "breast"),
  ]);

  expect(folders.map((folder) => folder.name)).toEqual(["breast", "Colon", ""]);
  expect(folders[1]?.studies.map((entry) => entry.name)).toEqual(["TMA 9", "TMA 10"]);
});

test("every word must be found, in name, label or folder, in any case", () => {
  const studies = [study(1, "BREAST_KI67", "Breast", "Ki-67, round 2"), study(2, "COLON", "Gut")];

  expect(matching(studies, "ki-67 BREAST")).toHaveLength(1);
  expect(matching(studies, "gut ki-67")).toHaveLength(0);
  expect(matching(studies, "  ")).toHaveLength(2);
});
