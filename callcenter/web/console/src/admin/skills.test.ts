import { expect, test } from "vitest";
import { skillsOf, skillsText } from "./skills";

test("skills are typed as words with a level, and shown so again", () => {
  expect(skillsOf(" English=3, law=1 ")).toEqual({ english: 3, law: 1 });
  expect(skillsText({ law: 1, english: 3 })).toBe("english=3 law=1");
  expect([skillsOf(""), skillsText({})]).toEqual([{}, ""]);
});

test("what is no skill with a level of 1 to 5 is none", () => {
  for (const wrong of ["english", "english=0", "english=6", "english=", "=3", "ไทย=1", "a=1.5"]) expect(skillsOf(wrong)).toBeNull();
});
