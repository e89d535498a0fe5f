import { expect, test } from "vitest";
import { auditQuery } from "./audit";

const NOTHING = { who: "", action: "", about: "", from: "", to: "" };

test("what was not filled in is not asked for", () => {
  expect(auditQuery(NOTHING, 50).toString()).toBe("limit=50");
  expect(auditQuery({ ...NOTHING, who: " somchai " }, 50).get("who")).toBe("somchai");
});

test("the last day is shown whole", () => {
  const query = auditQuery({ ...NOTHING, from: "2026-02-28", to: "2026-02-28" }, 50, 7);
  const [since, until] = [query.get("since")!, query.get("until")!];
  expect(Date.parse(until) - Date.parse(since)).toBe(24 * 3_600_000);
  expect(new Date(since).getHours()).toBe(0);
  expect(query.get("before")).toBe("7");
});
