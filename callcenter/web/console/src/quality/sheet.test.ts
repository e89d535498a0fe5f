import { expect, test } from "vitest";
import { nextOpen, period, told, type Sheet } from "./sheet";

const sheet = (call: string, operator: string, judged_at: string | null): Sheet => ({
  call,
  operator,
  judged_at,
  line: "1567",
  arrived_at: "2022-03-14T02:00:00Z",
  talk_seconds: 60,
  correct: null,
  complete: null,
  polite: null,
  note: "",
  judged_by: null,
});

test("days are those of Bangkok, the last one with all its hours", () => {
  expect(period("2022-02-28", "2022-02-28")).toEqual({
    arrived_from: "2022-02-28T00:00:00+07:00",
    arrived_before: "2022-03-01T00:00:00+07:00",
  });
});

test("the next call is one that nobody has judged, and not one's own", () => {
  const calls = [sheet("a", "x", null), sheet("b", "x", "2022-03-15T02:00:00Z"), sheet("c", "suda", null), sheet("d", "x", null)];
  expect(nextOpen(calls, "a", "suda")).toBe("d");
  expect(nextOpen(calls, "d", "suda")).toBe("a");
  expect(nextOpen([calls[1]!, calls[2]!], null, "suda")).toBe(null);
});

test("a share has its range; of nothing there is none", () => {
  const figure = { aspect: "correct" as const, good: 27, judged: 30, share: 0.9, low: 0.7438, high: 0.9654 };
  expect(told(figure, "en")).toBe("90.0 % (74.4–96.5 %)");
  expect(told({ ...figure, judged: 0, share: null, low: null, high: null }, "en")).toBe("–");
});
