/** How each layer is shown: chosen by the reader, kept in the browser by question and author. */

import { signal } from "@preact/signals";
import type { LayerEntry } from "./api";

export interface LayerStyle {
  isShown: boolean;
  colour: string;
  /** 0.1 to 1. */
  opacity: number;
  /** 0 to 0.4: what outlines enclose. */
  fill: number;
  /** The magnification from which it is shown; 0: always. */
  fromPower: number;
}

type Choice = Partial<LayerStyle>;

const KEPT_AS = "coverslip.layers";
const MOST_KEPT = 200;

export class LayerStyles {
  readonly #choices = signal<ReadonlyMap<string, Choice>>(load());

  /** Return how a layer is shown, in its question's colour unless another one was chosen. */
  of(entry: LayerEntry, colour: string): LayerStyle {
    const plain = { isShown: true, colour, opacity: 1, fill: 0, fromPower: 0 };
    return { ...plain, ...this.#choices.value.get(nameOf(entry)) };
  }

  change(entry: LayerEntry, change: Choice): void {
    const name = nameOf(entry);
    const choices = new Map(this.#choices.value);
    const now = { ...choices.get(name), ...change };
    choices.delete(name);
    choices.set(name, now);
    this.#choices.value = choices;
    keep(choices);
  }
}

function nameOf({ question, email }: LayerEntry): string {
  return `${question}|${email}`;
}

function load(): Map<string, Choice> {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]") as unknown;
    const pairs = Array.isArray(kept) ? kept.filter(isPair) : [];
    return new Map(pairs.map(([name, choice]) => [name, checked(choice)]));
  } catch {
    // Unreadable or forbidden storage: layers look as their questions say.
    return new Map();
  }
}

function keep(choices: ReadonlyMap<string, Choice>): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify([...choices].slice(-MOST_KEPT)));
  } catch {
    // Then the choice holds for this page only.
  }
}

function isPair(value: unknown): value is [string, Record<string, unknown>] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "object";
}

function checked(choice: Record<string, unknown> | null): Choice {
  const { isShown, colour, opacity, fill, fromPower } = choice ?? {};
  const found: Choice = {};
  if (typeof isShown === "boolean") found.isShown = isShown;
  if (typeof colour === "string" && /^#[0-9a-f]{6}$/i.test(colour)) found.colour = colour;
  if (isWithin(opacity, 1)) found.opacity = opacity;
  if (isWithin(fill, 1)) found.fill = fill;
  if (isWithin(fromPower, 100)) found.fromPower = fromPower;
  return found;
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === "number" && value >= 0 && value <= most;
}
