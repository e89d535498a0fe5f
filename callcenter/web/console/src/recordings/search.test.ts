import { expect, test } from "vitest";
import { isShort, outline, query, type Recording } from "./search";

const nothing = { first: "", last: "", line: "", operator: "", call: "" };

test("only what was typed is asked for, and days are those of Bangkok with all their hours", () => {
  expect(query(nothing, null)).toBe("");
  const asked = new URLSearchParams(query({ ...nothing, first: "2026-11-30", last: "2026-11-30", line: " 1567 " }, "x~y~1"));
  expect(Object.fromEntries(asked)).toEqual({
    since: "2026-11-30T00:00:00+07:00",
    before: "2026-12-01T00:00:00+07:00",
    line: "1567",
    after: "x~y~1",
  });
});

test("sound is missing where there is less of it than the talk was long", () => {
  const one = { state: "kept", seconds: 60, sound_seconds: 59.5 } as Recording;
  expect(isShort(one)).toBe(false);
  expect(isShort({ ...one, sound_seconds: 30 })).toBe(true);
  expect(isShort({ ...one, state: "purged", sound_seconds: 30 })).toBe(false);
});

test("a picture goes from one edge to the other, and up or down from the middle", () => {
  expect(outline([], true)).toBe("");
  expect(outline([255, 0], true)).toBe("M0 50 L0.00 0.0 L50.00 0.0 L50.00 50.0 L100.00 50.0 L100 50 Z");
  expect(outline([255], false)).toContain("L0.00 100.0");
});
