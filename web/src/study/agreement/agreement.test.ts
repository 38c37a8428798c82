import { expect, test } from "vitest";
import type { Agreement, Given, Statistic } from "./api";
import { classes } from "./Distribution";
import { confusionOf, headline, ticks, tint } from "./figures";
import { bySpread, differences } from "./spread";
import { tableOf } from "./table";

const statistic = (name: string, variant = "", value: number | null = 0.5): Statistic => ({
  name,
  label: name,
  variant,
  readers: null,
  subjects: 9,
  value,
  low: null,
  high: null,
  reason: "",
});

const agreement = (more: Partial<Agreement>): Agreement => ({
  question: "Grade",
  typeName: "DropDown",
  scale: "nominal",
  reason: "",
  readers: [],
  subjects: 9,
  missing: 0,
  categories: ["1", "2", "3"],
  statistics: [],
  confusions: [],
  ...more,
});

const given = (label: string, ...answers: string[]): Given[] =>
  answers.map((answer, at) => ({
    email: `reader${at}@b.c`,
    answer,
    label,
    slideId: label.charCodeAt(0),
    core: null,
  }));

test("the statistic suits the scale, and takes gaps where there are any", () => {
  const statistics = [
    statistic("fleissKappa", "unweighted"),
    statistic("fleissKappa", "quadratic"),
    statistic("krippendorffAlpha", "ordinal"),
    statistic("icc21"),
  ];
  const named = (more: Partial<Agreement>) => {
    const found = headline(agreement({ statistics, ...more }));
    return found && `${found.name} ${found.variant}`;
  };
  expect(named({ scale: "nominal" })).toBe("fleissKappa unweighted");
  expect(named({ scale: "ordinal" })).toBe("fleissKappa quadratic");
  expect(named({ scale: "ordinal", missing: 2 })).toBe("krippendorffAlpha ordinal");
  expect(named({ scale: "interval" })).toBe("icc21 ");
  expect(named({ scale: null })).toBeNull();
});

test("a table of two readers is turned when they are named the other way round", () => {
  const counts = [
    [5, 2],
    [0, 3],
  ];
  const of = agreement({ confusions: [{ readers: ["a", "b"], counts }] });
  expect(confusionOf(of, ["a", "b"])?.counts).toEqual(counts);
  expect(confusionOf(of, ["b", "a"])?.counts).toEqual([
    [5, 0],
    [2, 3],
  ]);
  expect(confusionOf(of, ["a", "c"])).toBeNull();
});

test("what readers see furthest apart comes first, and a tie has no majority", () => {
  const all = [...given("A", "1", "1"), ...given("B", "1", "3", "3"), ...given("C", "1", "2")];
  const found = bySpread([...all, ...given("D", "2")], "ordinal", ["1", "2", "3"]);
  expect(found.map(({ label }) => label)).toEqual(["B", "C", "A"]);
  expect(found.map(({ consensus }) => consensus)).toEqual(["3", "", "1"]);
  expect(found.at(-1)?.spread).toBe(0);
});

test("of numbers the median is told, and differences are first less second", () => {
  const found = bySpread(given("A", "10", "40", "20"), "interval", []);
  expect(found[0]?.consensus).toBe("20");
  expect(found[0]?.spread).toBe(30);
  const [point] = differences(found, ["reader0@b.c", "reader1@b.c"]);
  expect(point).toMatchObject({ mean: 25, difference: -30 });
});

test("axes have round numbers, and numbers fall into round classes", () => {
  expect(ticks(-31, 43, 6)).toEqual([-20, 0, 20, 40]);
  expect(ticks(0.1, 0.13, 6)).toEqual([0.1, 0.105, 0.11, 0.115, 0.12, 0.125, 0.13]);
  expect([-0.2, 0, 0.5, 1].map(tint)).toEqual([0, 0, 2, 4]);
  const bars = classes([0, 3, 14, 97]);
  expect(bars.map(({ count }) => count).reduce((sum, count) => sum + count)).toBe(4);
  expect(bars[0]).toEqual({ name: "0 to 10", count: 2 });
});

test("the table has a line for each number, and no cell breaks it", () => {
  const broken = { ...statistic("icc21"), reason: "one\ttwo\nthree" };
  const lines = tableOf([agreement({ statistics: [broken] })]).split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[1]?.split("\t")).toHaveLength(11);
});
