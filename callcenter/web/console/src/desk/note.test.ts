import { expect, test } from "vitest";
import { joined } from "./note";

const ANSWER = "จุดฉีดวัคซีน\nโรงพยาบาลปรางค์กู่\n(/desks.html#/answers/12/3)";

test("an answer stands below what was written", () => {
  expect(joined("", ANSWER, 8_000)).toEqual({ note: ANSWER, fits: true });
  expect(joined("ถามเรื่องวัคซีน\n", ANSWER, 8_000).note).toBe(`ถามเรื่องวัคซีน\n\n${ANSWER}`);
});

test("what does not fit is cut, and still says where it is from", () => {
  const { note, fits } = joined("ถาม", ANSWER, 50);
  expect([note.length, fits]).toEqual([50, false]);
  expect(note.startsWith("ถาม\n\nจุดฉีด")).toBe(true);
  expect(note.endsWith("…\n(/desks.html#/answers/12/3)")).toBe(true);
});

test("a note without any room stays as it is", () => {
  expect(joined("x".repeat(49), ANSWER, 50)).toEqual({ note: "x".repeat(49), fits: false });
});
