import { expect, test } from "vitest";
import type { Recording } from "./search";
import { find, gaps, partsOf, total } from "./timeline";

const one = (number: number, began: string, seconds: number, state = "kept"): Recording =>
  ({ number, state, began_at: `2026-11-30T10:00:${began}Z`, sound_seconds: seconds }) as Recording;

test("parts stand where they were recorded, and only those that can be heard", () => {
  const parts = partsOf([one(3, "40", 5), one(1, "00", 10), one(2, "20", 5, "purged")]);
  expect(parts.map(({ recording, at, length }) => [recording.number, at, length])).toEqual([
    [1, 0, 10],
    [3, 40, 5],
  ]);
  expect(total(parts)).toBe(45);
  expect(gaps(parts)).toEqual([{ at: 10, length: 30 }]);
  expect([partsOf([]), total([]), gaps([])]).toEqual([[], 0, []]);
});

test("a place in a gap is the beginning of what follows, one behind the end is the end", () => {
  const parts = partsOf([one(1, "00", 10), one(2, "20", 5)]);
  expect(find(parts, 4)).toEqual({ index: 0, within: 4 });
  expect(find(parts, 12)).toEqual({ index: 1, within: 0 });
  expect(find(parts, 22)).toEqual({ index: 1, within: 2 });
  expect(find(parts, 99)).toEqual({ index: 1, within: 5 });
});

test("a part that has more sound than time was between does not lie over the next", () => {
  const parts = partsOf([one(1, "00", 10.4), one(2, "10", 5)]);
  expect(parts[1]!.at).toBe(10.4);
  expect(gaps(parts)).toEqual([]);
});
