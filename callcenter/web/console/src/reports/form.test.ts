import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { amount, changes, draftOf, fault, GROUPS, namedFaults, rebased } from "./form";

type Numbers = Schemas["NumberView"];
const number = (field: Numbers["field"], value: number | null, from: string | null, system_value: number | null, why = ""): Numbers => ({
  field,
  name_th: "",
  value,
  from,
  system_value,
  last_value: null,
  why,
});
const REPORT = {
  numbers: [
    number("received", 12, "system", 12),
    number("answered", 9, "typed", 10, "นับจากสมุด"),
    number("admission_received", null, null, null),
  ],
  texts: { obstacles: { text: "สายไม่พอ", tags: ["lines"] } },
  signed: { reporter: "วิชัย", position: "", phone: "", approver: "", approver_position: "" },
  nil: [],
} as unknown as Schemas["ReportView"];

test("numbers as people type them; nothing is no zero", () => {
  expect([amount("๑,๒๓๔"), amount(" 0 "), amount("2.5"), amount("")]).toEqual([1234, 0, 2.5, null]);
  for (const text of ["-1", "สอง", "1e3", "1.2.3"]) expect(amount(text)).toBeNaN();
});

test("a figure of the system is no typed one", () => {
  const { numbers } = draftOf(REPORT);
  expect(numbers["received"]).toEqual({ value: "", why: "" });
  expect(numbers["answered"]).toEqual({ value: "9", why: "นับจากสมุด" });
  expect(numbers["admission_received"]).toEqual({ value: "", why: "" });
});

test("only what was changed is sent, and an emptied field is the system's again", () => {
  const before = draftOf(REPORT);
  const now = draftOf(REPORT);
  expect(changes(before, now)).toBe(null);
  now.numbers["answered"] = { value: "", why: "" };
  now.numbers["admission_received"] = { value: "๐", why: "" };
  now.texts["publicity"]!.text = "วิทยุชุมชน";
  expect(changes(before, now)).toEqual({
    numbers: { answered: null, admission_received: { value: 0, why: "" } },
    texts: { publicity: { text: "วิทยุชุมชน", tags: [] } },
  });
});

test("what two people typed at the same time is both there", () => {
  const before = draftOf(REPORT);
  const [mine, theirs] = [draftOf(REPORT), draftOf(REPORT)];
  mine.numbers["received"] = { value: "13", why: "สายสำรอง" };
  theirs.numbers["answered"] = { value: "8", why: "นับใหม่" };
  theirs.texts["obstacles"]!.text = "สายไม่พอช่วงกลางคืน";
  const both = rebased(before, mine, theirs);
  expect(both.numbers["received"]?.value).toBe("13");
  expect(both.numbers["answered"]?.value).toBe("8");
  expect(both.texts["obstacles"]?.text).toBe("สายไม่พอช่วงกลางคืน");
});

test("typing over the system's figure needs a reason; a blank of its own does not", () => {
  expect(fault("received", { value: "13", why: " " }, 12)).toBe("why");
  expect(fault("received", { value: "13", why: "สายสำรอง" }, 12)).toBe(null);
  expect(fault("admission_received", { value: "3", why: "" }, null)).toBe(null);
  expect(fault("received", { value: "", why: "" }, 12)).toBe(null);
  expect(fault("received", { value: "1.5", why: "x" }, 12)).toBe("number");
  expect(fault("staff_mean", { value: "1.5", why: "" }, null)).toBe(null);
});

test("no field stands in two groups", () => {
  const all = GROUPS.flatMap(({ fields }) => fields);
  expect(new Set(all).size).toBe(all.length);
});

test("what the service refuses is said with the names of the fields", () => {
  const names = { answered: "Calls answered", in_20_seconds: "Within 20 s", "signed.reporter": "Who reports" };
  expect(namedFaults(["answered = 12", "in_20_seconds = 13"], names)).toBe("Calls answered = 12; Within 20 s = 13");
  expect(namedFaults(["signed.reporter"], names)).toBe("Who reports");
});
