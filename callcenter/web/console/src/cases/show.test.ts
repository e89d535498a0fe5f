import { describe, expect, test, vi } from "vitest";

vi.mock("../words/index.svelte", () => ({ words: { language: "en" } }));
import { day, digits, lasted, left, lines, looksLikePhone, moment } from "./show";
import { say } from "./words";

describe("as offices write it", () => {
  test("Thai digits and Buddhist years, in Bangkok's time", () => {
    expect(moment("2021-08-17T02:00:00Z", "th")).toBe("๑๗ ส.ค. ๒๕๖๔ ๐๙.๐๐ น.");
    expect(moment("2021-08-17T02:00:00Z", "en")).toBe("17 Aug 2021, 09:00");
    expect(moment("2021-12-31T17:00:00Z", "th")).toBe("๑ ม.ค. ๒๕๖๕ ๐๐.๐๐ น.");
    expect(day("2021-08-16", "th")).toBe("๑๖ ส.ค. ๒๕๖๔");
    expect(digits("33-64-000123-3", "th")).toBe("๓๓-๖๔-๐๐๐๑๒๓-๓");
  });

  test("how long it took", () => {
    const w = say.now;
    expect(lasted(48 * 3_600 + 600, "en", w)).toBe("2 d 0 h 10 min");
    expect(lasted(59 * 60, "en", w)).toBe("59 min");
    expect(lasted(-5, "en", w)).toBe("0 min");
  });

  test("how long is left, and how late it is", () => {
    const w = say.now;
    expect(left(25.9, "en", w)).toBe("25 days left");
    expect(left(1.5, "en", w)).toBe("36 h left");
    expect(left(-0.5, "en", w)).toBe("12 h late");
    expect(left(-3.2, "en", w)).toBe("3 days late");
  });
});

test("a phone is no case number", () => {
  expect(looksLikePhone("๐๘๑-๒๓๔-๕๖๗๘")).toBe(true);
  expect(looksLikePhone("+66 81 234 5678")).toBe(true);
  expect(looksLikePhone("00-64-000123-3")).toBe(false);
  expect(looksLikePhone("33-64-000123-3")).toBe(false);
});

test("only lines with something on them count", () => {
  expect(lines(" a \n\n b")).toEqual(["a", "b"]);
});
