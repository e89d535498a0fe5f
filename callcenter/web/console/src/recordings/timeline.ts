/** The recordings of one call on one timeline: where each begins, and what lies between. Pure. */
import type { Recording } from "./search";

/** `at`: seconds from the beginning of the first; `length`: of the sound that is there. */
export interface Part {
  recording: Recording;
  at: number;
  length: number;
}

/** Those that can be heard, in the order in which they were recorded. */
export function partsOf(recordings: readonly Recording[]): Part[] {
  const kept = recordings.filter(({ state }) => state === "kept").sort((one, other) => one.number - other.number);
  const first = kept[0];
  if (first === undefined) return [];
  const parts: Part[] = [];
  let free = 0;
  for (const recording of kept) {
    const after = (Date.parse(recording.began_at) - Date.parse(first.began_at)) / 1000;
    const part = { recording, at: Math.max(free, after), length: recording.sound_seconds ?? 0 };
    free = part.at + part.length;
    parts.push(part);
  }
  return parts;
}

/** How long all of it is. */
export function total(parts: readonly Part[]): number {
  const last = parts.at(-1);
  return last === undefined ? 0 : last.at + last.length;
}

/** Which part is heard at a place, and at which of its seconds. Between two parts it is the beginning
 *  of the next one. */
export function find(parts: readonly Part[], place: number): { index: number; within: number } {
  const index = parts.findIndex(({ at, length }) => place < at + length);
  if (index < 0) return { index: Math.max(0, parts.length - 1), within: parts.at(-1)?.length ?? 0 };
  return { index, within: Math.max(0, place - parts[index]!.at) };
}

/** Where nothing was recorded between two parts; less than a second is none. */
export function gaps(parts: readonly Part[]): { at: number; length: number }[] {
  return parts.slice(1).flatMap((part, before) => {
    const at = parts[before]!.at + parts[before]!.length;
    return part.at - at >= 1 ? [{ at, length: part.at - at }] : [];
  });
}
