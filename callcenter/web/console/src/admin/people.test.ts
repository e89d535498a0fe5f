import { expect, test } from "vitest";
import { matches, people, type Account, type Card } from "./people";

const account = (name: string, role: Account["role"]): Account => ({
  name,
  role,
  disabled: false,
  must_change: false,
  second_factor: false,
  added_at: "2026-11-20T00:00:00Z",
  password_at: "2026-11-20T00:00:00Z",
});
const card = (operator: string, name: string, queues: string[]): Card => ({
  operator,
  name,
  queues,
  contact: null,
  open_line: false,
  skills: {},
  sip_user: `op-${operator}`,
  added_at: "2026-11-20T00:00:00Z",
});

test("an account and a phone of the same name are one person", () => {
  const found = people([account("somchai", "operator"), account("admin", "administrator")], [card("somchai", "สมชาย", ["d"])]);
  expect(found.map((each) => [each.id, each.name, each.account?.role, each.card?.sip_user])).toEqual([
    ["admin", "admin", "administrator", undefined],
    ["somchai", "สมชาย", "operator", "op-somchai"],
  ]);
});

test("a phone without an account is a person, too", () => {
  expect(people([], [card("malee", "มาลี", [])]).map((each) => each.account)).toEqual([null]);
});

test("people are found by id, name, role and queue", () => {
  const [person] = people([account("somchai", "operator")], [card("somchai", "สมชาย ใจดี", ["damrong"])]);
  for (const text of ["SOM", "ใจดี", "operator", "damrong", " "]) expect(matches(person!, text)).toBe(true);
  expect(matches(person!, "1111")).toBe(false);
});
