/** What is drawn and with what: tools, classes, the selected shape, and how acts become answers. */

import { computed, signal } from "@preact/signals";
import { isDrawn, type Question } from "../scoring/questions";
import type { Sheet } from "../scoring/sheet";
import type { Point } from "../viewer/geometry";
import { wireArea } from "./amounts";
import { Group } from "./group";
import type { KeyPen } from "./keypen";
import { boundsOf } from "./outline";
import {
  type Geometry,
  makeShape,
  type Shape,
  withGeometry,
  withLabel,
  writeShapes,
} from "./shapes";
import type { Draft, Tool, ToolName } from "./tool";
import { makeTool } from "./toolbox";
import { drawingWords } from "./words";

/** Which tools answer which kind of question. */
const TOOLS_OF: Partial<Record<Question["kind"], readonly ToolName[]>> = {
  points: ["point"],
  lines: ["measure"],
  shapes: ["brush", "erase", "polygon", "freehand", "polyline", "rect", "ellipse"],
};
const BRUSH_SIZES = { least: 6, most: 300 } as const;
const MOST_ACTS = 200;
const MOST_KNOWN = 4;

export interface Selected {
  question: string;
  index: number;
}

interface Act {
  question: string;
  after: string;
  name: string;
}

export class Drawing {
  readonly sheet: Sheet;
  readonly mpp: () => number | null;
  readonly tool = signal<ToolName | null>(null);
  readonly brushPx = signal(54);
  readonly keepsHoles = signal(true);
  readonly selected = signal<Selected | null>(null);
  readonly isHidden = signal(false);
  readonly hidden = signal<ReadonlySet<string>>(new Set());
  /** Rises whenever a tool changed what it shows. */
  readonly drafts = signal(0);
  /** A measured distance that answers no question; it lasts until the next act. */
  readonly tape = signal<Geometry | null>(null);
  /** Name of the drawn question that was active last. */
  readonly #last = signal("");
  readonly #acts = signal<readonly Act[]>([]);
  /** The newest few by question, newest first: thousands of shapes are not read again after an act. */
  readonly #known = new Map<string, readonly Group[]>();
  /** Draws by keys; there is one as soon as there is a slide to draw on. */
  pen: KeyPen | null = null;
  #strokes = 0;
  #hand: Tool | null = null;

  constructor(sheet: Sheet, mpp: () => number | null) {
    this.sheet = sheet;
    this.mpp = mpp;
  }

  readonly questions = computed(() =>
    this.sheet.lines.value.filter((line) => isDrawn(line.question)).map((line) => line.question),
  );

  /** The shapes about what is shown, by question. */
  readonly groups = computed<readonly Group[]>(() =>
    this.questions.value.map((question) => {
      const answer = this.sheet.answerTo(question.name);
      const known = this.#known
        .get(question.name)
        ?.find((group) => group.question === question && group.answer === answer);
      return known ?? this.#remember(new Group(question, answer));
    }),
  );

  /** Groups that are to be seen. */
  readonly visible = computed(() =>
    this.isHidden.value
      ? []
      : this.groups.value.filter(({ question }) => !this.hidden.value.has(question.name)),
  );

  /** The question that is drawn for: the active one, else the one that was drawn for last. */
  readonly group = computed<Group | null>(() => {
    const named = (name: string) =>
      this.groups.value.find(({ question }) => question.name === name) ?? null;
    return named(this.sheet.active.value) ?? named(this.#last.value);
  });

  /** Why nothing can be drawn; empty when it can. */
  readonly reason = computed(() => {
    if (this.questions.value.length === 0) return drawingWords.none;
    return this.sheet.canAnswer.value ? "" : drawingWords.notHere;
  });

  readonly selectedShape = computed<Shape | null>(() => {
    const selected = this.selected.value;
    return selected ? (this.groupOf(selected.question)?.shapes[selected.index] ?? null) : null;
  });

  /** The act that Ctrl+Z would take back, in words; empty where it was none of drawing. */
  readonly undoable = computed(() => {
    const act = this.#acts.value.at(-1);
    return act && this.sheet.answerTo(act.question) === act.after ? act.name : "";
  });

  get draft(): Draft | null {
    return this.#hand?.draft ?? null;
  }

  get hand(): Tool | null {
    return this.#hand;
  }

  groupOf(name: string): Group | null {
    return this.groups.value.find(({ question }) => question.name === name) ?? null;
  }

  /** Why the answer of a group must stay as it is; empty when it may change. */
  fixed(group: Group): string {
    if (!this.sheet.canAnswer.value) return drawingWords.notHere;
    if (group.isUnreadable) return drawingWords.unreadable;
    if (group.shapes.some(({ geometry }) => geometry.kind === "file")) return drawingWords.inFile;
    return this.sheet.isLocked(group.question) ? drawingWords.final : "";
  }

  /** Whether a tool can be taken up now. */
  offers(tool: ToolName): boolean {
    if (tool === "measure" || tool === "select") return true;
    return this.reason.value === "" && this.#questionFor(tool) !== null;
  }

  /** Take a tool up, or put it away when it is in hand. */
  take(tool: ToolName | null): void {
    if (tool !== null && !this.offers(tool)) return;
    this.#hand?.cancel();
    this.pen?.leave();
    this.tape.value = null;
    const wanted = tool === this.tool.value ? null : tool;
    this.tool.value = wanted;
    this.#hand = wanted && makeTool(wanted, this);
    if (wanted !== null && wanted !== "select") this.selected.value = null;
    const question = wanted && this.#questionFor(wanted);
    if (question) this.activate(question.name);
    if (wanted !== null) this.isHidden.value = false;
    this.redraw();
  }

  activate(name: string): void {
    this.#last.value = name;
    if (this.sheet.canAnswer.value) this.sheet.active.value = name;
  }

  /** Tell that what the tool shows is another thing now. */
  redraw(): void {
    this.drafts.value += 1;
  }

  resizeBrush(factor: number): void {
    const wanted = Math.round(this.brushPx.value * factor);
    this.brushPx.value = Math.min(BRUSH_SIZES.most, Math.max(BRUSH_SIZES.least, wanted));
  }

  /** Add a shape to the question that is drawn for. */
  add(geometry: Geometry): void {
    const group = this.group.value;
    if (!group || this.fixed(group) !== "") return;
    const shape = makeShape(geometry, wireArea(geometry, this.mpp()));
    this.#keep(group, [...group.shapes, shape], drawingWords.acts.added(shape));
  }

  /** Keep a measured distance: as an answer where one is asked for, else until the next act. */
  measured(geometry: Geometry): void {
    const group = this.group.value;
    if (group?.question.kind === "lines" && this.fixed(group) === "") this.add(geometry);
    else this.tape.value = geometry;
  }

  /** Change shapes of the question that is drawn for; place -1 is a new one, null takes away. */
  brushed(changes: ReadonlyMap<number, Geometry | null>, erases: boolean): void {
    const group = this.group.value;
    if (!group || this.fixed(group) !== "") return;
    const changed = group.shapes.flatMap((shape, index) => {
      const geometry = changes.get(index);
      if (geometry === undefined) return [shape];
      return geometry === null ? [] : [this.#changed(shape, geometry)];
    });
    const added = changes.get(-1);
    if (added) changed.push(makeShape(added, wireArea(added, this.mpp())));
    this.#strokes += erases ? 0 : 1;
    const { acts } = drawingWords;
    this.#keep(group, changed, erases ? acts.erased : acts.stroke(this.#strokes));
  }

  /** Change the selected shape. */
  change(geometry: Geometry, how: "moved" | "edited"): void {
    const { selected, selectedShape: shape } = this;
    if (!shape.value || !selected.value) return;
    this.#replace(selected.value, this.#changed(shape.value, geometry), drawingWords.acts[how]);
  }

  label(text: string): void {
    const { selected, selectedShape: shape } = this;
    const box = shape.value && boundsOf(shape.value.geometry);
    if (!shape.value || !selected.value || !box) return;
    const at = shape.value.labels[0]?.at ?? { x: (box.left + box.right) / 2, y: box.top };
    const labelled = withLabel(shape.value, text.trim(), at);
    this.#replace(selected.value, labelled, drawingWords.acts.labelled);
  }

  remove(): void {
    const selected = this.selected.value;
    const group = selected && this.groupOf(selected.question);
    if (!selected || !group || this.fixed(group) !== "") return;
    this.selected.value = null;
    this.#keep(group, group.shapes.toSpliced(selected.index, 1), drawingWords.acts.removed);
  }

  /** Select the topmost shape at a place. */
  pick(at: Point, reach: number): "nothing" | "fixed" | "free" {
    const order = [...this.visible.value].reverse();
    for (const group of order) {
      const index = group.hit(at, reach);
      if (index < 0) continue;
      this.selected.value = { question: group.question.name, index };
      this.activate(group.question.name);
      return this.fixed(group) === "" ? "free" : "fixed";
    }
    this.selected.value = null;
    return "nothing";
  }

  /** The selected shape, where it may be changed. */
  free(): Shape | null {
    const selected = this.selected.value;
    const group = selected && this.groupOf(selected.question);
    return group && this.fixed(group) === "" ? this.selectedShape.value : null;
  }

  toggleHidden(name: string): void {
    const hidden = new Set(this.hidden.value);
    if (!hidden.delete(name)) hidden.add(name);
    this.hidden.value = hidden;
  }

  /** The question that a tool would answer: the one drawn for, or the first that fits. */
  #questionFor(tool: ToolName): Question | null {
    const fits = (question: Question) => TOOLS_OF[question.kind]?.includes(tool) ?? false;
    const now = this.group.value?.question;
    return now && fits(now) ? now : (this.questions.value.find(fits) ?? null);
  }

  #changed(shape: Shape, geometry: Geometry): Shape {
    return withGeometry(shape, geometry, wireArea(geometry, this.mpp()));
  }

  #replace(selected: Selected, shape: Shape, name: string): void {
    const group = this.groupOf(selected.question);
    if (group && this.fixed(group) === "") {
      this.#keep(group, group.shapes.with(selected.index, shape), name);
    }
  }

  #remember(group: Group): Group {
    const before = this.#known.get(group.question.name) ?? [];
    this.#known.set(group.question.name, [group, ...before].slice(0, MOST_KNOWN));
    return group;
  }

  #keep(group: Group, shapes: readonly Shape[], name: string): void {
    const after = writeShapes(shapes);
    const question = group.question.name;
    this.#remember(new Group(group.question, after, shapes));
    this.#acts.value = [...this.#acts.value, { question, after, name }].slice(-MOST_ACTS);
    this.tape.value = null;
    this.sheet.answer(group.question, after);
  }
}
