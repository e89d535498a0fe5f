/** What the site file says and the pages show: why operators pause, and what they may. Read at the log-in, and again with
 *  each new connection of the live feed. */
import { ask, Away, Refused, type Schemas } from "./api/client";
import { words } from "./words/index.svelte";

let reasons = $state.raw<Schemas["PauseReasonView"][]>([]);
let raise = $state(false);
let parkSeconds = $state(0);

export const site = {
  get reasons(): readonly Schemas["PauseReasonView"][] {
    return reasons;
  },

  /** Whether operators, too, move waiting callers up. */
  get operatorsRaise(): boolean {
    return raise;
  },

  /** How long a parked call stays in its place; 0: calls are not parked. */
  get parkSeconds(): number {
    return parkSeconds;
  },

  /** What people call a reason: the site's word, or the console's own. */
  said(reason: string): string {
    const own = reasons.find((each) => each.reason === reason);
    return own?.[words.language] ?? words.now.reason[reason] ?? reason;
  },

  async look(): Promise<void> {
    try {
      const found = await ask<Schemas["SiteView"]>("GET", "/site");
      reasons = found.pause_reasons;
      raise = found.operators_raise;
      parkSeconds = found.park_seconds;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Away)) throw error;
    }
  },
};
