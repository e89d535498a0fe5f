/** Samples and their sheets: which time, which call is next, what a share says. Pure. */
import type { Schemas } from "../api/client";
import { digits } from "../desks/show";
import type { Language } from "../words/index.svelte";

export type Sample = Schemas["SampleView"];
export type Sheet = Schemas["SheetView"];
export type Figure = Schemas["FigureView"];
export type Judgement = NonNullable<Sheet["correct"]>;

export const ASPECTS = ["correct", "complete", "polite"] as const;
export const JUDGEMENTS: Judgement[] = ["yes", "no", "cannot_say"];
const DAY_MS = 24 * 3_600_000;

/** From the beginning of the first day to the end of the last, in Bangkok. */
export function period(first: string, last: string): { arrived_from: string; arrived_before: string } {
  const next = new Date(Date.parse(`${last}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  return { arrived_from: `${first}T00:00:00+07:00`, arrived_before: `${next}T00:00:00+07:00` };
}

/** The first call behind this one that nobody has judged, or before it; null: all are. One's own is
 *  somebody else's to judge. */
export function nextOpen(calls: readonly Sheet[], after: string | null, me: string): string | null {
  const open = (sheet: Sheet): boolean => sheet.judged_at === null && sheet.operator !== me;
  const at = calls.findIndex(({ call }) => call === after);
  return (calls.slice(at + 1).find(open) ?? calls.find(open))?.call ?? null;
}

/** ๙๐.๐ % (๗๔.๔–๙๖.๕ %); nothing that was judged is a dash, and never 0 %. */
export function told(figure: Figure, language: Language): string {
  const percent = (share: number | null): string => ((share ?? 0) * 100).toFixed(1);
  if (figure.share === null) return "–";
  return digits(`${percent(figure.share)} % (${percent(figure.low)}–${percent(figure.high)} %)`, language);
}
