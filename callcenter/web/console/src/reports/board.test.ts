import { expect, test } from "vitest";
import type { Tile } from "./asking";
import { difference, figure, named, percent, remaining } from "./board";

const tile = (unit: string, area: string, name_th: string, name_en: string): Tile => ({
  unit,
  area,
  name_th,
  name_en,
  state: "waiting",
  report: null,
  report_state: null,
  submitted_at: null,
  excuse: "",
});
const PROVINCES = [
  { code: "33", name_th: "ศรีสะเกษ", name_en: "Si Sa Ket" },
  { code: "10", name_th: "กรุงเทพมหานคร", name_en: "Bangkok" },
];
const TILES = [
  tile("p33", "33", "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ", "Damrongdham Centre, Si Sa Ket"),
  tile("p10", "10", "ศูนย์ดำรงธรรมกรุงเทพมหานคร", "Damrongdham Centre, Bangkok"),
];

test("a province is called by its name, in the order of the alphabet", () => {
  expect(named(TILES, PROVINCES, "th").map(({ name }) => name)).toEqual(["กรุงเทพมหานคร", "ศรีสะเกษ"]);
  expect(named(TILES, PROVINCES, "en").map(({ name }) => name)).toEqual(["Bangkok", "Si Sa Ket"]);
});

test("two offices of one province have their own names", () => {
  const two = [...TILES, tile("h33", "33", "โรงพยาบาลศรีสะเกษ", "")];
  expect(named(two, PROVINCES, "en").map(({ name }) => name)).toEqual(["Bangkok", "Damrongdham Centre, Si Sa Ket", "โรงพยาบาลศรีสะเกษ"]);
});

test("the time that is left", () => {
  const w = { day: "d", hour: "h", minute: "min", second: "s" };
  expect(remaining(2 * 86_400 + 3 * 3_600 + 65, "en", w)).toBe("2 d 3 h 1 min");
  expect(remaining(3_599.9, "en", w)).toBe("59 min 59 s");
  expect(remaining(-61, "th", w)).toBe("๑ min ๑ s");
});

test("what is not there is a dash, and no zero", () => {
  expect([figure(null, "en"), figure(undefined, "th"), figure(0, "th"), figure(1234.5, "en")]).toEqual(["–", "–", "๐", "1,234.5"]);
  expect([percent(null, "en"), percent(75 / 77, "th")]).toEqual(["–", "๙๗.๔ %"]);
});

test("a difference has a sign, and none where one of the two is not there", () => {
  expect([difference(3, 5, "en"), difference(5, 3, "th"), difference(0, 0, "en")]).toEqual(["+2", "−๒", "0"]);
  expect([difference(null, 5, "en"), difference(5, undefined, "en")]).toEqual(["–", "–"]);
});
