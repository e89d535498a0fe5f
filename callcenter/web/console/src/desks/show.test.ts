import { describe, expect, test, vi } from "vitest";

vi.mock("../words/index.svelte", () => ({ words: { language: "en" } }));
import { day, digits, lasted, left, lines, looksLikePhone, moment, readDay, typedMoment } from "./show";
import { say } from "../cases/words";

describe("as offices write it", () => {
  test("Thai digits and Buddhist years, in Bangkok's time", () => {
    expect(moment("2021-08-17T02:00:00Z", "th")).toBe("๑๗ ส.ค. ๒๕๖๔ ๐๙.๐๐ น.");
    expect(moment("2021-08-17T02:00:00Z", "en")).toBe("17 Aug 2021, 09:00");
    expect(moment("2021-12-31T17:00:00Z", "th")).toBe("๑ ม.ค. ๒๕๖๕ ๐๐.๐๐ น.");
    expect(typedMoment("2022-03-14T05:00:00Z")).toBe("14/3/2565 12:00");
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

test("days as people write them; a day that is not there is none", () => {
  for (const text of ["๑๔ มี.ค. ๒๕๖๕", "14 มีนาคม พ.ศ. 2565", "14 Mar 2022", "14/3/2565", "2022-03-14"])
    expect(readDay(text)).toBe("2022-03-14");
  expect(readDay("29 ก.พ. 2563")).toBe("2020-02-29");
  for (const text of ["29 ก.พ. 2564", "31/4/2565", "พรุ่งนี้", "14/3/65", "1 ก.ก. 2565"]) expect(readDay(text)).toBe(null);
});
