import { describe, expect, it } from "vitest";
import { clock, dayOf, later, mondayOf, readTime, times } from "./grid";

describe("the week picture", () => {
  it("counts days in Bangkok", () => {
    expect(dayOf("2026-11-30T17:00:00Z")).toBe("2026-12-01");
    expect(dayOf("2026-11-30T16:59:59Z")).toBe("2026-11-30");
    expect(later("2026-12-31", 1)).toBe("2027-01-01");
    expect(mondayOf("2026-12-06")).toBe("2026-11-30");
    expect(mondayOf("2026-11-30")).toBe("2026-11-30");
  });
  it("reads times as people write them", () => {
    for (const text of ["20:00", "20.00", "๒๐.๐๐ น.", " 2000 "]) expect(readTime(text)).toBe("20:00");
    expect(readTime("8:30")).toBe("08:30");
    for (const text of ["24:00", "20:60", "20", "", "x"]) expect(readTime(text)).toBeNull();
  });
  it("ends a night on the next day", () => {
    expect(times("2026-12-31", "20:00", "08:00")).toEqual({
      begins_at: "2026-12-31T20:00:00+07:00",
      ends_at: "2027-01-01T08:00:00+07:00",
    });
    expect(times("2026-12-31", "08:00", "16:00").ends_at).toBe("2026-12-31T16:00:00+07:00");
    expect(times("2026-12-31", "08:00", "08:00").ends_at).toBe("2027-01-01T08:00:00+07:00");
  });
  it("shows a time in the language", () => {
    expect(clock("2026-11-30T13:05:00Z", "th")).toBe("๒๐.๐๕");
    expect(clock("2026-11-30T13:05:00Z", "en")).toBe("20:05");
  });
});
