/** A request that failed, as a sentence for the person. */
import { words } from "../words/index.svelte";
import { Away, Refused } from "./client";

/** The sentence; an error that is none of ours is a fault of the page, and thrown on. */
export function sentence(error: unknown): string {
  if (error instanceof Away) return words.now.error.away;
  if (error instanceof Refused) return error.detail;
  throw error;
}
