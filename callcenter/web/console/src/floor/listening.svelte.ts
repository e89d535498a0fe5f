/** To whose talk this supervisor listens. One for all pages: the phone rings whichever is shown. */
import { ask, Away, Refused, type Schemas } from "../api/client";
import { said } from "../api/trouble";
import { line } from "../phone/phone.svelte";
import { words } from "../words/index.svelte";

export type Mine = Schemas["ListeningView"];
export const MODES = ["listen", "whisper", "barge", "take_over"] as const;
export type Mode = (typeof MODES)[number];

const LOOK_MS = 1_000;
const KEY = "listening"; // survives a reload of the page, not its end
const BACK_MS = 30_000; // a reloaded page listens again within this
const FREE_MS = 20_000; // until the leg of before the reload is gone, on a busy machine

let mine = $state.raw<Mine | null>(null);
let trouble = $state("");
let why = ""; // the code of the last refusal
let before = kept(); // what this page did before it was reloaded
let looking: ReturnType<typeof setInterval> | null = null;

export const listening = {
  get mine(): Mine | null {
    return mine;
  },
  /** Why the last press came to nothing; "" when it did not. */
  get trouble(): string {
    return trouble;
  },

  /** Hear an operator's talk, or take part in it in another way. The page's own phone answers by
   *  itself: the press was the answer. */
  async press(operator: string, call: string | null, mode: Mode): Promise<void> {
    if (call === null) return;
    line.expect();
    await act(() => ask("POST", `/operators/${operator}/call/listening`, { call, mode }));
  },
  async stop(): Promise<void> {
    sessionStorage.removeItem(KEY);
    await act(async () => {
      await ask("DELETE", "/listening");
      return ask("GET", "/listening");
    });
  },

  /** Ask the service: at the start, and when the phone rings or a talk is over. */
  async look(): Promise<void> {
    try {
      take((await ask<Schemas["MyListening"]>("GET", "/listening")).listening);
    } catch (error) {
      if (!(error instanceof Away || error instanceof Refused)) throw error;
    }
  },

  /** After a reload the talk is listened to again: nobody hears who was heard before. */
  async again(): Promise<void> {
    const was = before;
    before = null;
    if (was === null || Date.now() - was.at > BACK_MS) return;
    const until = Date.now() + FREE_MS;
    while (Date.now() < until) {
      await this.look();
      if (mine === null) await this.press(was.operator, was.call, "listen");
      if (mine?.stage === "ringing" || why === "no_call" || why === "listened_to") return;
      await new Promise((go) => setTimeout(go, 300)); // the leg of before, or the phone that is not known yet
    }
  },
};

async function act(what: () => Promise<Schemas["MyListening"]>): Promise<void> {
  trouble = why = "";
  try {
    take((await what()).listening);
  } catch (error) {
    if (error instanceof Away) trouble = words.now.error.away;
    else if (!(error instanceof Refused)) throw error;
    else {
      why = error.code;
      trouble = words.now.floor.refused[why] ?? words.now.floor.failed(said(error));
    }
  }
}

function take(now: Mine | null): void {
  mine = now;
  if (now !== null && looking === null) looking = setInterval(() => void listening.look(), LOOK_MS);
  if (now === null && looking !== null) {
    clearInterval(looking);
    looking = null;
  }
  if (now !== null && now.stage !== "leaving") {
    sessionStorage.setItem(KEY, JSON.stringify({ operator: now.operator, call: now.call, at: Date.now() }));
  } else sessionStorage.removeItem(KEY);
}

function kept(): { operator: string; call: string; at: number } | null {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return text === null ? null : (JSON.parse(text) as { operator: string; call: string; at: number });
}
