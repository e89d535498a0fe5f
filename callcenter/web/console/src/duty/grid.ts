/** The week picture: days and times of shifts, always in Bangkok's time. */
import type { Schemas } from "../api/client";
import { arabic, digits } from "../desks/show";
import type { Language } from "../words/index.svelte";

export type Shift = Schemas["ShiftView"];
export type Picture = Schemas["DutyPicture"];

const BANGKOK_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;

/** 2026-11-30 of a moment. */
export function dayOf(iso: string): string {
  return new Date(Date.parse(iso) + BANGKOK_MS).toISOString().slice(0, 10);
}

/** So many days later. */
export function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  return later(day, -((at.getUTCDay() + 6) % 7));
}

/** 20:00, 20.00, ๒๐.๐๐ น., 2000 -> 20:00; null: no time. */
export function readTime(text: string): string | null {
  const found = /^(\d{1,2})[:.]?(\d{2})(?:\s*น\.?)?$/.exec(arabic(text).trim());
  if (found === null || Number(found[1]) > 23 || Number(found[2]) > 59) return null;
  return `${found[1]!.padStart(2, "0")}:${found[2]}`;
}

/** From when until when. One that does not end after it begins, ends on the next day. */
export function times(day: string, from: string, to: string): { begins_at: string; ends_at: string } {
  const last = to > from ? day : later(day, 1);
  return { begins_at: `${day}T${from}:00+07:00`, ends_at: `${last}T${to}:00+07:00` };
}

/** ๒๐.๐๐ · 20:00 */
export function clock(iso: string, language: Language): string {
  const at = new Date(Date.parse(iso) + BANGKOK_MS).toISOString().slice(11, 16);
  return language === "th" ? digits(at.replace(":", "."), "th") : at;
}

/** The shifts of a queue that begin on a day; on the first day those too that began before it. */
export function shiftsOn(picture: Picture, queue: string, day: string): Shift[] {
  const first = picture.days[0]?.day;
  return picture.shifts.filter((shift) => {
    const begins = dayOf(shift.begins_at);
    return shift.queue === queue && (begins === day || (day === first && begins < day));
  });
}
