/** Recorded talks: what is asked for, and the picture of a sound. Pure. */
import type { Schemas } from "../api/client";

export type Recording = Schemas["RecordingView"];

export interface Wanted {
  first: string; // a day, or nothing
  last: string;
  line: string;
  operator: string;
  call: string;
}

const DAY_MS = 24 * 3_600_000;
const SHORT_SECONDS = 2;

/** The query of a search; `after`: the page behind that one. Days are those of Bangkok. */
export function query(wanted: Wanted, after: string | null): string {
  const asked = new URLSearchParams();
  if (wanted.first !== "") asked.set("since", `${wanted.first}T00:00:00+07:00`);
  if (wanted.last !== "") {
    const next = new Date(Date.parse(`${wanted.last}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
    asked.set("before", `${next}T00:00:00+07:00`);
  }
  for (const name of ["line", "operator", "call"] as const) {
    if (wanted[name].trim() !== "") asked.set(name, wanted[name].trim());
  }
  if (after !== null) asked.set("after", after);
  return asked.toString();
}

/** Whether some of its sound is missing. */
export function isShort({ state, seconds, sound_seconds }: Recording): boolean {
  if (state !== "kept" || seconds === null || sound_seconds === null) return false;
  return sound_seconds < seconds - SHORT_SECONDS;
}

/** The outline of one side of the sound in a picture of 0 to 100 across: above the middle line
 *  (`up`), or below it. */
export function outline(peaks: readonly number[], up: boolean): string {
  if (peaks.length === 0) return "";
  const middle = 50;
  const step = 100 / peaks.length;
  const points = peaks.flatMap((peak, at) => {
    const y = middle + (up ? -1 : 1) * (peak / 255) * middle;
    return [`${(at * step).toFixed(2)} ${y.toFixed(1)}`, `${((at + 1) * step).toFixed(2)} ${y.toFixed(1)}`];
  });
  return `M0 ${middle} L${points.join(" L")} L100 ${middle} Z`;
}
