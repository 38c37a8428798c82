/** What the pages that set a study up ask of the server. */

import {
  ask,
  Failure,
  isObject,
  type Json,
  type JsonObject,
  number,
  objects,
  post,
  text,
} from "../../api/http";
import { parseQuestions, type Question } from "../../scoring/questions";

export interface SlideSetup {
  id: number;
  name: string;
  format: string;
  fileSize: number;
  /** Level-0 pixels. */
  width: number;
  height: number;
  /** µm per pixel; null: nobody says. */
  mpp: number | null;
  isMppByHand: boolean;
  objective: number | null;
  rotation: number;
  caseName: string;
  mapName: string;
  isOutOfFocus: boolean;
  answerCount: number;
}

export interface Member {
  email: string;
  canScore: boolean;
  canEdit: boolean;
  canGetResults: boolean;
  hasAccount: boolean;
  signedInOn: Date | null;
  answerCount: number;
}

export interface AskedQuestion extends Question {
  answerCount: number;
}

export interface Setup {
  id: number;
  name: string;
  label: string;
  folder: string;
  description: string;
  createdOn: Date | null;
  publishedOn: Date | null;
  isArchived: boolean;
  settings: Record<string, string>;
  slides: SlideSetup[];
  questions: AskedQuestion[];
  members: Member[];
  cases: { id: number; name: string }[];
  mapCount: number;
}

export async function readSetup(studyId: number): Promise<Setup> {
  const reply = await ask("StudySetup", { studyId });
  if (!isObject(reply)) throw new Failure("server", "");
  const settings = isObject(reply.settings) ? reply.settings : {};
  const told = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, text(value)]),
  );
  const counts = new Map(
    objects(reply.questions).map((entry) => [number(entry.id), number(entry.answerCount) ?? 0]),
  );
  return {
    id: studyId,
    name: text(reply.name),
    label: told.friendlyname || text(reply.name),
    folder: told.folder ?? "",
    description: text(reply.description),
    createdOn: instant(reply.createdOn),
    publishedOn: instant(reply.publishedOn),
    isArchived: reply.isArchived === true,
    settings: told,
    slides: objects(reply.slides).map(slideOf),
    questions: parseQuestions(reply.questions).map((question) => ({
      ...question,
      answerCount: counts.get(question.id) ?? 0,
    })),
    members: objects(reply.members).map(memberOf),
    cases: objects(reply.cases).map((entry) => ({
      id: number(entry.id) ?? 0,
      name: text(entry.name),
    })),
    mapCount: Array.isArray(reply.tmaMaps) ? reply.tmaMaps.length : 0,
  };
}

function slideOf(entry: JsonObject): SlideSetup {
  return {
    id: number(entry.id) ?? 0,
    name: text(entry.name),
    format: text(entry.format),
    fileSize: number(entry.fileSize) ?? 0,
    width: number(entry.width) ?? 0,
    height: number(entry.height) ?? 0,
    mpp: number(entry.mpp),
    isMppByHand: entry.isMppByHand === true,
    objective: number(entry.objectivePower),
    rotation: number(entry.rotation) ?? 0,
    caseName: text(entry.caseName),
    mapName: text(entry.mapName),
    isOutOfFocus: entry.isOutOfFocus === true,
    answerCount: number(entry.answerCount) ?? 0,
  };
}

function memberOf(entry: JsonObject): Member {
  return {
    email: text(entry.email),
    canScore: entry.canScore === true,
    canEdit: entry.canEdit === true,
    canGetResults: entry.canGetResults === true,
    hasAccount: entry.hasAccount === true,
    signedInOn: instant(entry.signedInOn),
    answerCount: number(entry.answerCount) ?? 0,
  };
}

/** Make an empty study and return its id. */
export async function createStudy(
  studyName: string,
  friendlyName: string,
  folder: string,
): Promise<number> {
  const told = Object.entries({ friendlyName, folder }).filter(([, value]) => value !== "");
  const reply = await post("CreateStudy", { studyName, ...Object.fromEntries(told) });
  const id = isObject(reply) ? number(reply.id) : null;
  if (id === null) throw new Failure("server", "");
  return id;
}

/** Make a change, named by its call, to a study. */
export async function change(
  name: string,
  studyId: number,
  parameters: Record<string, number | string> = {},
): Promise<JsonObject> {
  const told = Object.entries({ studyId, ...parameters }).map(([key, value]) => [
    key,
    String(value),
  ]);
  const reply = await post(name, Object.fromEntries(told));
  return isObject(reply) ? reply : {};
}

export function instant(value: Json | undefined): Date | null {
  const parsed = new Date(text(value));
  return Number.isNaN(parsed.getTime()) ? null : parsed;
}
