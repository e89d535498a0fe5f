/** An official letter while it is typed. */
import type { Schemas } from "../api/client";

export type TypedLetter = Required<Omit<Schemas["LetterText"], "from_unit" | "to_unit" | "due">> & { due: string };

export const newLetter = (): TypedLetter => ({ number: "", date: "", subject: "", urgency: "normal", sender: "", recipient: "", due: "" });

/** As it is sent: a deadline that was left empty is none. */
export function sentLetter(typed: TypedLetter): Schemas["LetterText"] {
  return { ...typed, from_unit: null, to_unit: null, due: typed.due.trim() === "" ? null : typed.due.trim() };
}
