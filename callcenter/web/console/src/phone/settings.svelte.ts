/** What a person chose for the phone in this browser; kept on the device. */
import type { OperatorView } from "../api/client";

export interface PhoneSettings {
  /** Which phone: the page, or the one on the table; "": not chosen yet. */
  where: "browser" | "other" | "";
  microphone: string; // device ids; "": the device's usual one
  speaker: string;
  autoAnswer: boolean;
}

const KEY = "phone";
const USUAL: PhoneSettings = { where: "", microphone: "", speaker: "", autoAnswer: false };

let settings = $state.raw<PhoneSettings>(kept());

export const chosen = {
  get now(): PhoneSettings {
    return settings;
  },
  /** The phone that is chosen, or else proposed: the one on the table where there is one. */
  where(me: OperatorView): "browser" | "other" {
    const there = !me.browser && (me.phone === "registered" || me.phone === "fixed");
    return settings.where || (there ? "other" : "browser");
  },
  change(change: Partial<PhoneSettings>): void {
    settings = { ...settings, ...change };
    localStorage.setItem(KEY, JSON.stringify(settings));
  },
};

function kept(): PhoneSettings {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...USUAL, ...(typeof found === "object" ? (found as Partial<PhoneSettings>) : {}) };
  } catch {
    return USUAL;
  }
}
