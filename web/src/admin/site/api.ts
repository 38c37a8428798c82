/** Calls about tokens, people and the audit trail. */

import { ask, isObject, number, objects, post, text } from "../../api/http";
import { type Deed, deedOf } from "../deeds";

export interface Token {
  id: number;
  name: string;
  owner: string;
  rights: readonly string[];
  limits: readonly string[];
  lastUsedOn: Date | null;
  expiresOn: Date | null;
  isRevoked: boolean;
}

export interface Account {
  email: string;
  name: string;
  isAdmin: boolean;
  isActive: boolean;
  hasPassword: boolean;
  studyCount: number;
  signedInOn: Date | null;
}

export interface AuditEvent extends Deed {
  id: number;
  at: Date | null;
}

/** A link to choose a password with, where no letter was sent. */
export interface Invitation {
  email: string;
  link: string | null;
}

export async function listTokens(): Promise<Token[]> {
  return objects(await ask("Tokens")).map((entry) => ({
    id: number(entry.id) ?? 0,
    name: text(entry.name),
    owner: text(entry.owner),
    rights: names(entry.rights),
    limits: [...new Set([...names(entry.readStudies), ...names(entry.modifyStudies)])],
    lastUsedOn: instant(entry.lastUsedOn),
    expiresOn: instant(entry.expiresOn),
    isRevoked: entry.revokedOn !== null,
  }));
}

/** Make a token; returns its text, which the server does not tell again. */
export async function createToken(form: Record<string, string>): Promise<string> {
  const reply = await post("CreateToken", form);
  return isObject(reply) ? text(reply.token) : "";
}

export async function revokeToken(id: number): Promise<void> {
  await post("RevokeToken", { id: String(id) });
}

export async function listPeople(): Promise<Account[]> {
  return objects(await ask("People")).map((entry) => ({
    email: text(entry.email),
    name: text(entry.name),
    isAdmin: entry.isAdmin === true,
    isActive: entry.isActive === true,
    hasPassword: entry.hasPassword === true,
    studyCount: number(entry.studyCount) ?? 0,
    signedInOn: instant(entry.signedInOn),
  }));
}

export function invite(email: string): Promise<Invitation> {
  return linkOf("InvitePerson", email);
}

export function resetPassword(email: string): Promise<Invitation> {
  return linkOf("ResetPassword", email);
}

export async function changePerson(email: string, form: Record<string, string>): Promise<void> {
  await post("ChangePerson", { email, ...form });
}

/** Return events, newest first; `filters` hold only what was asked for. */
export async function readAudit(filters: Record<string, string>): Promise<AuditEvent[]> {
  const reply = await ask("Audit", filters);
  return objects(isObject(reply) ? reply.events : []).map((entry) => ({
    id: number(entry.id) ?? 0,
    at: instant(entry.at),
    ...deedOf(entry),
  }));
}

/** A browser that the person is signed in with. */
export interface OwnSession {
  startedOn: Date | null;
  expiresOn: Date | null;
  isThis: boolean;
}

export async function listSessions(): Promise<OwnSession[]> {
  return objects(await ask("OwnSessions")).map((entry) => ({
    startedOn: instant(entry.startedOn),
    expiresOn: instant(entry.expiresOn),
    isThis: entry.isThis === true,
  }));
}

export async function signOutElsewhere(): Promise<void> {
  await post("SignOutElsewhere");
}

export async function changePassword(password: string, newPassword: string): Promise<void> {
  await post("ChangePassword", { password, newPassword });
}

async function linkOf(call: string, email: string): Promise<Invitation> {
  const reply = await post(call, { email });
  if (!isObject(reply)) return { email, link: null };
  return { email: text(reply.email), link: text(reply.link) || null };
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function instant(value: unknown): Date | null {
  const parsed = new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(parsed.getTime()) ? null : parsed;
}
