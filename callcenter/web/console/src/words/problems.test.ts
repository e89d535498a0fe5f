import { expect, test } from "vitest";
import { inThai, PROBLEMS } from "./problems";

test("a refusal is said in Thai, with what is wrong where only the service knows it", () => {
  expect(inThai("wrong_code", "The code is wrong.")).toBe(PROBLEMS["wrong_code"]);
  expect(inThai("invalid", "name: too long")).toContain("(name: too long)");
  expect(inThai("of_tomorrow", "As it is said.")).toBe("As it is said.");
});

test("every sentence is Thai", () => {
  for (const said of Object.values(PROBLEMS)) expect(said).toMatch(/[฀-๿]/);
});
