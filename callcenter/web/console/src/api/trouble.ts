/** A request that failed, as a sentence for the person. */
import { words } from "../words/index.svelte";
import { inThai } from "../words/problems";
import { Away, Refused } from "./client";

/** What a refusal says, in the language of the page. */
export function said(refused: Refused): string {
  return words.language === "th" ? inThai(refused.code, refused.detail) : refused.detail;
}

/** The sentence; an error that is none of ours is a fault of the page, and thrown on. */
export function sentence(error: unknown): string {
  if (error instanceof Away) return words.now.error.away;
  if (error instanceof Refused) return said(error);
  throw error;
}
