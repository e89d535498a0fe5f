/** What the pages of answers ask the service for. */
import { ask, type Schemas } from "../api/client";

export type Answer = Schemas["AnswerView"];
export type Version = Schemas["VersionView"];
export type Miss = Schemas["MissView"];

export const WRITERS = ["supervisor", "province_admin", "officer", "central"];

export async function looksFor(text: string, typing: boolean): Promise<Schemas["AnswersFound"]> {
  return await ask("POST", "/answer-search", { text, typing, limit: 10 });
}

/** Counted as told in the call; what belongs into its note. */
export async function use(answer: number, call: string | null): Promise<Schemas["UseNote"]> {
  return await ask("POST", `/answers/${answer}/uses`, { call });
}
