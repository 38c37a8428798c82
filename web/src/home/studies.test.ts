import { expect, test } from "vitest";
import type { Study } from "../api/studies";
import { byFolder, matching, tagged } from "./studies";

const study = (id: number, name: string, folder = "", label = name): Study => ({
  id,
  name,
  label,
  folder,
  publishedOn: null,
  slideCount: null,
  scoredCount: null,
  tags: [],
  tagsBy: { stainings: [], organ: [], disease: [] },
  rights: { canScore: false, canEdit: false, canGetResults: false },
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

test("one of the tags of each kind must be there", () => {
  const with_ = (id: number, stainings: string[], organ: string[]) => ({
    ...study(id, `s${id}`),
    tagsBy: { stainings, organ, disease: [] },
  });
  const studies = [
    with_(1, ["HE"], ["colon"]),
    with_(2, ["ER", "PR"], ["breast"]),
    with_(3, [], []),
  ];
  const found = (...tags: string[]) => tagged(studies, new Set(tags)).map(({ id }) => id);

  expect(found()).toEqual([1, 2, 3]);
  expect(found("HE", "PR")).toEqual([1, 2]);
  expect(found("HE", "PR", "breast")).toEqual([2]);
});
