import { expect, test } from "vitest";
import { isShort, outline, query, readTime, type Recording } from "./search";

const nothing = { first: "", firstTime: "", last: "", lastTime: "", line: "", operator: "", call: "", state: "" };

test("only what was typed is asked for, and days are those of Bangkok with all their hours", () => {
  expect(query(nothing, null)).toBe("");
  const asked = new URLSearchParams(query({ ...nothing, first: "2026-11-30", last: "2026-11-30", line: " 1567 " }, "x~y~1"));
  expect(Object.fromEntries(asked)).toEqual({
    since: "2026-11-30T00:00:00+07:00",
    before: "2026-11-30T17:00:00.000Z",
    line: "1567",
    after: "x~y~1",
  });
  const within = { ...nothing, first: "2026-11-30", firstTime: "๙.๓๐ น.", last: "2026-11-30", lastTime: "10:05", state: "held" };
  expect(Object.fromEntries(new URLSearchParams(query(within, null)))).toEqual({
    since: "2026-11-30T09:30:00+07:00",
    before: "2026-11-30T03:06:00.000Z",
    held: "true",
  });
  expect(query({ ...nothing, state: "failed" }, null)).toBe("state=failed");
});

test("times are read as people write them", () => {
  expect(["", "9:30", "09.30", "๒๓.๕๙ น.", "24:00", "9", "9:3"].map(readTime)).toEqual([
    ...["", "09:30", "09:30", "23:59"],
    ...[null, null, null],
  ]);
});

test("sound is missing where there is less of it than the talk was long", () => {
  const one = { state: "kept", seconds: 60, sound_seconds: 59.5 } as Recording;
  expect(isShort(one)).toBe(false);
  expect(isShort({ ...one, sound_seconds: 30 })).toBe(true);
  expect(isShort({ ...one, ending: "cut" })).toBe(true);
  expect(isShort({ ...one, state: "purged", sound_seconds: 30 })).toBe(false);
});

test("a picture goes from one edge to the other, and up or down from the middle", () => {
  expect(outline([], true)).toBe("");
  expect(outline([255, 0], true)).toBe("M0 50 L0.00 0.0 L50.00 0.0 L50.00 50.0 L100.00 50.0 L100 50 Z");
  expect(outline([255], false)).toContain("L0.00 100.0");
});
