/** The language in use. Kept on the device; Thai until somebody chooses. */
import { en, type Words } from "./en";
import { th } from "./th";

export type Language = "th" | "en";
const KEY = "language";

let language = $state<Language>(localStorage.getItem(KEY) === "en" ? "en" : "th");

export const words = {
  get language(): Language {
    return language;
  },
  get now(): Words {
    return language === "th" ? th : en;
  },
  change(): void {
    language = language === "th" ? "en" : "th";
    localStorage.setItem(KEY, language);
    document.documentElement.lang = language;
  },
};

document.documentElement.lang = language;

/** A word for a state or a reason of the service; one it does not know is shown as it is. */
export function told(list: Record<string, string>, key: string): string {
  return list[key] ?? key;
}
