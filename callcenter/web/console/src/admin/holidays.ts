/** The years whose holidays are looked after: this one and the next. */
import { ask, type Schemas } from "../api/client";
import { digits } from "../desks/show";
import type { Language } from "../words/index.svelte";

export type Year = Schemas["HolidayYear"];
const BANGKOK_MS = 7 * 3_600_000;
const BUDDHIST_YEARS = 543;

export async function years(now: number): Promise<Year[]> {
  const present = new Date(now + BANGKOK_MS).getUTCFullYear();
  return Promise.all([present, present + 1].map((year) => ask<Year>("GET", `/holidays/${year}`)));
}

/** ๒๕๗๐ · 2027 */
export function named(year: number, language: Language): string {
  return language === "th" ? digits(year + BUDDHIST_YEARS, "th") : String(year);
}
