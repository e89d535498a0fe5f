/** Who is logged in at this page. The cookie is the session; this is only what is shown of it. */
import { ask, Refused, type Me, type Schemas } from "./api/client";

type Stage = "asking" | "out" | "must-change" | "must-add-factor" | "in" | "away";

let stage = $state<Stage>("asking");
let me = $state<Me | null>(null);

export const session = {
  get stage(): Stage {
    return stage;
  },
  get me(): Me | null {
    return me;
  },

  /** Ask the service who this is: at the start, and when a session may have ended. Only the service
   *  itself can say that nobody is logged in. While it is away, or starts without its database, the
   *  page stays as it is: a talk in this browser goes on. */
  async look(): Promise<void> {
    try {
      know(await ask<Me>("GET", "/me"));
    } catch (error) {
      const loggedOut = error instanceof Refused && error.status === 401;
      if (!loggedOut && stage === "in") return;
      me = null;
      stage = loggedOut ? "out" : "away";
    }
  },

  /** `code`: of the person's app, where there is one; or a passkey's answer. Raises Refused and Away. */
  async logIn(
    name: string,
    password: string,
    code: string | null,
    passkey: Schemas["PasskeyAnswer"] | null,
  ): Promise<void> {
    const { me: who } = await ask<{ me: Me }>("POST", "/sessions", { name, password, code, passkey });
    know(who);
  },

  /** Raises Refused and Away. Every session ends by it: log in anew. */
  async changePassword(present: string, chosen: string): Promise<void> {
    await ask("PUT", "/me/password", { present, new: chosen });
    me = null;
    stage = "out";
  },

  async logOut(): Promise<void> {
    try {
      await ask("DELETE", "/sessions/current");
    } catch (error) {
      if (!(error instanceof Refused)) throw error; // refused: it had ended already
    }
    me = null;
    stage = "out";
  },
};

function know(who: Me): void {
  me = who;
  stage = who.must_change ? "must-change" : who.must_add_factor ? "must-add-factor" : "in";
}
