import { expect, test } from "vitest";
import { duration } from "./time";

test.each([
  [0, "0:00"],
  [7.9, "0:07"],
  [750, "12:30"],
  [3900, "1:05:00"],
  [-3, "0:00"],
])("%s seconds are shown as %s", (seconds, shown) => {
  expect(duration(seconds)).toBe(shown);
});
