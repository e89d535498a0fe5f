import { expect, test } from "vitest";
import { startOf } from "./beside";

const nowhere = { area: "", areaFrom: null };
const menu = { kind: "help", topic: "flood" };
const undisposed = { kind: "undisposed", topic: " ", note: "น้ำท่วม" } as const;

test("what the caller chose in the menu fills the fields, until the operator has said it", () => {
  expect(startOf(undisposed, menu)).toEqual({ type: "help", topic: "flood", facts: "น้ำท่วม", ...nowhere });
  expect(startOf({ kind: "complaint", topic: "water", note: "x" }, menu)).toEqual({ type: "complaint", topic: "water", facts: "x", ...nowhere });
  expect(startOf({ kind: "complaint", topic: "", note: "" }, menu).topic).toBe("flood");
});

test("without a menu, or without a note, the fields begin as they did", () => {
  expect(startOf(undisposed, { kind: "", topic: "" }).type).toBe("undisposed");
  expect(startOf(undisposed, null)).toEqual({ type: "undisposed", topic: "", facts: "น้ำท่วม", ...nowhere });
  expect(startOf(null, null)).toEqual({ type: "complaint", topic: "", facts: "", ...nowhere });
  expect(startOf(null, menu)).toEqual({ type: "help", topic: "flood", facts: "", ...nowhere });
});

test("the province of the call is where the case begins", () => {
  const known = { area_written: "จังหวัดศรีสะเกษ", known_from: "menu" } as const;
  expect(startOf(null, menu, known)).toMatchObject({ area: "จังหวัดศรีสะเกษ", areaFrom: "menu" });
  expect(startOf(undisposed, null, { area_written: "", known_from: null })).toMatchObject({ area: "", areaFrom: null });
});
