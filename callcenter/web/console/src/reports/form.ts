/** A report while somebody writes it: what is typed, what of it has changed, and what cannot be sent.
 *  The system's figures are never typed over without a reason, and a blank is never a zero. */
import type { Schemas } from "../api/client";
import { arabic } from "../desks/show";

type NumberView = Schemas["NumberView"];
export type Field = NumberView["field"];
export type Section = Schemas["ReportView"]["nil"][number];
export type Tag = NonNullable<Schemas["TextFields"]["tags"]>[number];

export interface Typed {
  value: string; // as typed; empty: the system's figure, or blank
  why: string;
}
export interface Draft {
  numbers: Record<string, Typed>;
  texts: Record<string, { text: string; tags: Tag[] }>;
  signed: Record<string, string>;
  nil: Section[];
}

export const GROUPS: { name: "calls" | "staff" | "cases" | "admission"; fields: Field[] }[] = [
  {
    name: "calls",
    fields: ["received", "answered", "abandoned", "abandoned_short", "rejected", "other_ended", "eligible", "in_20_seconds", "in_60_seconds", "wait_seconds"],
  },
  { name: "staff", fields: ["staff_mean", "staff_least", "hours_without_staff"] },
  { name: "cases", fields: ["cases_received", "cases_ended", "cases_open"] },
  {
    name: "admission",
    fields: ["admission_received", "admission_ended", "admission_open", "admission_no_bed", "admission_no_transport", "admission_no_answer", "admission_other"],
  },
];
export const SECTIONS: Section[] = ["admission", "obstacles", "suggestions", "coordination", "publicity"];
export const TAGGED: Section[] = ["obstacles", "suggestions"];
export const TAGS: Tag[] = ["staff", "lines", "system", "knowledge", "agency", "other"];
export const SIGNED = ["reporter", "position", "phone", "approver", "approver_position"] as const;
const NOT_WHOLE: Field[] = ["wait_seconds", "staff_mean", "hours_without_staff"];

/** ๑,๒๓๔ -> 1234; null: nothing is typed; NaN: no number. */
export function amount(text: string): number | null {
  const plain = arabic(text).replace(/[\s,]/g, "");
  if (plain === "") return null;
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
}

/** The report as it may be typed over. */
export function draftOf(report: Schemas["ReportView"]): Draft {
  const numbers: Draft["numbers"] = {};
  for (const each of report.numbers) {
    const typed = each.from === "typed" && each.value !== null;
    numbers[each.field] = { value: typed ? String(each.value) : "", why: typed ? each.why : "" };
  }
  const texts: Draft["texts"] = {};
  for (const each of SECTIONS) {
    const written = report.texts[each];
    texts[each] = { text: written?.text ?? "", tags: [...(written?.tags ?? [])] };
  }
  const signed = Object.fromEntries(SIGNED.map((each) => [each, report.signed[each] ?? ""]));
  return { numbers, texts, signed, nil: [...report.nil] };
}

/** What a request must say so that `before` becomes `now`; null: nothing. */
export function changes(before: Draft, now: Draft): Record<string, unknown> | null {
  const body: Record<string, unknown> = {};
  const numbers = changed(before.numbers, now.numbers).map(([field, { value, why }]) => {
    const typed = amount(value);
    return [field, typed === null ? null : { value: typed, why }];
  });
  const texts = changed(before.texts, now.texts);
  if (numbers.length > 0) body["numbers"] = Object.fromEntries(numbers);
  if (texts.length > 0) body["texts"] = Object.fromEntries(texts);
  if (!same(before.signed, now.signed)) body["signed"] = now.signed;
  if (!same(before.nil, now.nil)) body["nil"] = now.nil;
  return Object.keys(body).length === 0 ? null : body;
}

/** Somebody else has saved: what was typed here stays, all else is theirs. */
export function rebased(before: Draft, mine: Draft, theirs: Draft): Draft {
  const over = <T>(a: Record<string, T>, b: Record<string, T>, c: Record<string, T>): Record<string, T> => ({
    ...c,
    ...Object.fromEntries(changed(a, b)),
  });
  return {
    numbers: over(before.numbers, mine.numbers, theirs.numbers),
    texts: over(before.texts, mine.texts, theirs.texts),
    signed: over(before.signed, mine.signed, theirs.signed),
    nil: same(before.nil, mine.nil) ? theirs.nil : mine.nil,
  };
}

/** What the service would refuse of a number, so that it is said where it is typed. */
export function fault(field: Field, typed: Typed, system: number | null): "number" | "why" | null {
  const value = amount(typed.value);
  if (value === null) return null;
  if (Number.isNaN(value) || (!NOT_WHOLE.includes(field) && !Number.isInteger(value))) return "number";
  return system !== null && typed.why.trim() === "" ? "why" : null;
}

function changed<T>(before: Record<string, T>, now: Record<string, T>): [string, T][] {
  return Object.entries(now).filter(([key, value]) => !same(before[key], value));
}
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What the service says of fields, with their names: `answered = 12` -> Calls answered = 12 */
export function namedFaults(faults: readonly string[], names: Record<string, string>): string {
  return faults.map((each) => each.replace(/[a-z][a-z0-9_.]*/g, (code) => names[code] ?? code)).join("; ");
}
