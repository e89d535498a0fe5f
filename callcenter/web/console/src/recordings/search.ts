/** Recorded talks: what is asked for, and the picture of a sound. Pure. */
import type { Schemas } from "../api/client";
import { arabic } from "../desks/show";

export type Recording = Schemas["RecordingView"];

export interface Wanted {
  first: string; // a day, or nothing
  firstTime: string; // of that day, as typed; nothing: from its beginning
  last: string;
  lastTime: string; // with that minute; nothing: to its end
  line: string;
  operator: string;
  call: string;
  state: string; // of a recording; "held", or nothing
}

/** What an administrator may do with a recording. */
export type Deed = "hold" | "release" | "purge";

const MINUTE_MS = 60_000;
const SHORT_SECONDS = 2;

/** The query of a search; `after`: the page behind that one. Days are those of Bangkok. */
export function query(wanted: Wanted, after: string | null): string {
  const asked = new URLSearchParams();
  if (wanted.first !== "") asked.set("since", `${wanted.first}T${readTime(wanted.firstTime) || "00:00"}:00+07:00`);
  if (wanted.last !== "") {
    const minute = Date.parse(`${wanted.last}T${readTime(wanted.lastTime) || "23:59"}:00+07:00`);
    asked.set("before", new Date(minute + MINUTE_MS).toISOString());
  }
  for (const name of ["line", "operator", "call"] as const) {
    if (wanted[name].trim() !== "") asked.set(name, wanted[name].trim());
  }
  if (wanted.state === "held") asked.set("held", "true");
  else if (wanted.state !== "") asked.set("state", wanted.state);
  if (after !== null) asked.set("after", after);
  return asked.toString();
}

/** ๙.๓๐, 9:30, 09:30 น. -> 09:30; nothing for nothing; null: no time of day. */
export function readTime(text: string): string | null {
  const plain = arabic(text).replace(/น\.?$/, "").trim();
  if (plain === "") return "";
  const found = /^(\d{1,2})[.:](\d{2})$/.exec(plain);
  if (found === null || Number(found[1]) > 23 || Number(found[2]) > 59) return null;
  return `${found[1]!.padStart(2, "0")}:${found[2]}`;
}

/** What became of it, and why. */
export function stands(one: Recording, w: { states: Record<string, string>; whys: Record<string, string> }): string {
  const said = w.states[one.state] ?? one.state;
  return one.why === null ? said : `${said}: ${w.whys[one.why] ?? one.why}`;
}

/** Whether some of its sound is missing. What Asterisk ended in mid-talk (`cut`) may have one side only. */
export function isShort({ state, ending, seconds, sound_seconds }: Recording): boolean {
  if (state !== "kept" || seconds === null || sound_seconds === null) return false;
  return ending === "cut" || sound_seconds < seconds - SHORT_SECONDS;
}

/** The outline of one side of the sound in a picture of 0 to 100 across: above the middle line
 *  (`up`), or below it. */
export function outline(peaks: readonly number[], up: boolean): string {
  if (peaks.length === 0) return "";
  const middle = 50;
  const step = 100 / peaks.length;
  const points = peaks.flatMap((peak, at) => {
    const y = middle + (up ? -1 : 1) * Math.sqrt(peak / 255) * middle; // so that quiet voices are seen
    return [`${(at * step).toFixed(2)} ${y.toFixed(1)}`, `${((at + 1) * step).toFixed(2)} ${y.toFixed(1)}`];
  });
  return `M0 ${middle} L${points.join(" L")} L100 ${middle} Z`;
}
