/** What the pages of cases ask the service for, and what a refusal says. */
import { ask, Away, Refused, type Schemas } from "../api/client";
import { session } from "../session.svelte";
import { words } from "../words/index.svelte";
import type { CaseWords } from "./words";

export type Case = Schemas["CaseView"];
export type Hop = Schemas["HopView"];
export type Clock = Schemas["ClockView"];
export type Line = Schemas["CaseLineView"];
export type Unit = Schemas["UnitView"];
export type Area = Schemas["AreaView"];
export type Person = Schemas["PersonView"];
export type Holder = Schemas["AgeingView"];

/** The sentence for a request that was refused. Anything else is thrown again. */
export function sentence(error: unknown, w: CaseWords): string {
  if (error instanceof Away) return words.now.error.away;
  if (!(error instanceof Refused)) throw error;
  if (error.status === 401) void session.look();
  const code = [...error.faults, error.code].find((each) => each in w.why);
  return code === undefined ? error.detail : w.why[code]!;
}

/** The service's own name of an office. */
export async function unitNamed(id: string): Promise<Unit | undefined> {
  const { units } = await ask<Schemas["UnitList"]>("GET", `/units?${new URLSearchParams({ text: id, limit: "1" })}`);
  return units[0];
}

export async function unitsLike(text: string): Promise<Unit[]> {
  const asked = new URLSearchParams({ text, limit: "20" });
  return (await ask<Schemas["UnitList"]>("GET", `/units?${asked}`)).units;
}

export async function areasLike(text: string): Promise<Schemas["AreaList"]> {
  return await ask<Schemas["AreaList"]>("GET", `/areas?${new URLSearchParams({ text })}`);
}

/** The offices that a person's grants name, for each of the roles. */
export async function ownUnits(...roles: string[]): Promise<Unit[]> {
  const { grants } = await ask<Schemas["GrantList"]>("GET", "/me/grants");
  const ids = new Set(grants.filter(({ role }) => roles.includes(role)).map(({ unit }) => unit));
  const found = await Promise.all([...ids].map(unitNamed));
  return found.filter((unit) => unit !== undefined);
}

/** What a search box holds: the number of a case, or a phone. */
export async function search(text: string, isPhone: boolean): Promise<Line[]> {
  const body = isPhone ? { phone: text } : { number: text };
  return (await ask<Schemas["CaseList"]>("POST", "/case-search", body)).cases;
}
