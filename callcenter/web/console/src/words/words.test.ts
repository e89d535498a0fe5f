import { expect, test } from "vitest";
import { en } from "./en";
import { th } from "./th";

type Tree = { [key: string]: unknown };

function keys(tree: Tree, path = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" && value !== null ? keys(value as Tree, `${path}${key}.`) : [`${path}${key}`],
  );
}

test("both languages have the same words", () => {
  expect(keys(th)).toEqual(keys(en));
});

test("no word is empty", () => {
  const empty = (tree: Tree): string[] =>
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "object" && value !== null ? empty(value as Tree) : value === "" ? [key] : [],
    );
  expect([...empty(th), ...empty(en)]).toEqual([]);
});
