import { expect, test } from "vitest";
import { configName, inOrder, sortOf } from "./files";

const drop = (name: string, folder = "") => ({ file: { name } as File, folder });

test("what is dropped is told apart by name", () => {
  expect(sortOf("T24-0117.svs")).toBe("slide");
  expect(sortOf("Index.dat")).toBe("companion");
  expect(sortOf("study.a-b.map7")).toBe("config");
  expect(sortOf(".scores")).toBe("config");
  expect(sortOf("notes.docx")).toBe("strange");
});

test("a configuration file belongs to the study that its name tells", () => {
  expect(configName("Study.EX.scores", "ex")).toBe("study.ex.scores");
  expect(configName(".emails", "ex")).toBe("study.ex.emails");
  expect(configName("study.other.scores", "ex")).toBeNull();
  expect(configName("study.ex.more.scores", "ex")).toBeNull();
});

test("the parts of a MIRAX slide come before it and keep their folder; others lose theirs", () => {
  const placed = inOrder([
    drop("case7.mrxs", "scans"),
    drop("Slidedat.ini", "scans/case7"),
    drop("Data1.dat", "scans/case7"),
    drop("b.svs", "scans/today"),
  ]);

  expect(placed.map(({ file, folder }) => `${folder}/${file.name}`)).toEqual([
    "case7/Data1.dat",
    "case7/Slidedat.ini",
    "/b.svs",
    "/case7.mrxs",
  ]);
});
