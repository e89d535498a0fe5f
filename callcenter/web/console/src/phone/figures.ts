/** What was measured, as a person reads it. */
import type { Words } from "../words/en";
import type { Figures } from "./quality";

export function inFigures({ loss, roundTrip }: Figures, words: Words["quality"]): string {
  const told = [words.loss(Math.round(loss * 100))];
  if (roundTrip !== null) told.push(words.roundTrip(Math.round(roundTrip * 1_000)));
  return told.join(" · ");
}
