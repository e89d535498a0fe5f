/** What the site file says and the pages show: why operators pause. Read at the log-in, and again with
 *  each new connection of the live feed. */
import { ask, Away, Refused, type Schemas } from "./api/client";
import { words } from "./words/index.svelte";

let reasons = $state.raw<Schemas["PauseReasonView"][]>([]);

export const site = {
  get reasons(): readonly Schemas["PauseReasonView"][] {
    return reasons;
  },

  /** What people call a reason: the site's word, or the console's own. */
  said(reason: string): string {
    const own = reasons.find((each) => each.reason === reason);
    return own?.[words.language] ?? words.now.reason[reason] ?? reason;
  },

  async look(): Promise<void> {
    try {
      reasons = (await ask<Schemas["SiteView"]>("GET", "/site")).pause_reasons;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Away)) throw error;
    }
  },
};
