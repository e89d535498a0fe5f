/** The board of a round: what stands on it, in which order, and how much time is left. Pure. */
import { digits, lasted, type Lengths } from "../desks/show";
import type { Language } from "../words/index.svelte";
import type { Tile } from "./asking";

/** In this order. Each has a sign and a word of its own: colour alone tells nothing. */
export const STATES: { state: Tile["state"]; sign: string }[] = [
  { state: "missing", sign: "✕" },
  { state: "waiting", sign: "○" },
  { state: "draft", sign: "✎" },
  { state: "late", sign: "▲" },
  { state: "on_time", sign: "✓" },
  { state: "excused", sign: "–" },
];

/** A province by its name, where it has one tile; an office by its own. Sorted by that. */
export function named(
  tiles: readonly Tile[],
  provinces: readonly { code: string; name_th: string; name_en: string }[],
  language: Language,
): { tile: Tile; name: string }[] {
  const own = (of: { name_th: string; name_en: string }): string => (language === "th" ? of.name_th : of.name_en || of.name_th);
  const areas = new Map(provinces.map((each) => [each.code, own(each)]));
  const many = new Map<string, number>();
  for (const { area } of tiles) many.set(area, (many.get(area) ?? 0) + 1);
  const order = new Intl.Collator(language);
  return tiles
    .map((tile) => ({ tile, name: (many.get(tile.area) === 1 && areas.get(tile.area)) || own(tile) }))
    .sort((one, other) => order.compare(one.name, other.name));
}

/** 2 วัน 3 ชม. 10 นาที; in the last hour with seconds. */
export function remaining(seconds: number, language: Language, w: Lengths & { second: string }): string {
  const away = Math.floor(Math.abs(seconds));
  if (away >= 3_600) return lasted(away, language, w);
  return digits(`${Math.floor(away / 60)} ${w.minute} ${away % 60} ${w.second}`, language);
}

/** ๙๗.๔ %; a share of nothing is a dash. */
export function percent(share: number | null, language: Language): string {
  return share === null ? "–" : digits(`${(share * 100).toFixed(1)} %`, language);
}

/** 1,234.5; what is not there is a dash, and never 0. */
export function figure(value: number | null | undefined, language: Language): string {
  if (value === null || value === undefined) return "–";
  return digits(value.toLocaleString("en-US", { maximumFractionDigits: 2 }), language);
}

/** +1,234.5; a dash where one of the two is not there. */
export function difference(before: number | null | undefined, after: number | null | undefined, language: Language): string {
  if (before === null || before === undefined || after === null || after === undefined) return "–";
  const sign = after > before ? "+" : after < before ? "−" : "";
  return `${sign}${figure(Math.abs(after - before), language)}`;
}
