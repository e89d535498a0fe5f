/** The phone in the page as a state machine, pure: what happened goes in, the next state and what is
 *  to be done come out. phone.svelte.ts does it. Nothing here knows JsSIP, devices or a clock. */

/** Whether the page is a phone, and how far it is from being one. */
export type Line =
  | "off" // another phone is used, or none
  | "microphone" // the browser is asked for it, or has refused
  | "claiming" // the service is asked whether this window may be the phone
  | "elsewhere" // another window is
  | "connecting" // SIP is being registered, for the first time or again
  | "ready"; // calls ring here

export type Trouble = "" | "refused" | "no_device" | "lost_device" | "service" | "not_yours";

export interface Talk {
  stage: "ringing" | "answering" | "talking";
  muted: boolean;
  held: boolean;
  /** The connection broke in this talk: Asterisk is to be told the new one. */
  stale: boolean;
}

export interface Phone {
  line: Line;
  trouble: Trouble;
  talk: Talk | null;
}

export const OFF: Phone = { line: "off", trouble: "", talk: null };

export type Happened =
  | { kind: "wanted" } // the operator chose this browser
  | { kind: "unwanted" } // … or another phone, or the log-in ended
  | { kind: "microphone"; trouble: "" | "refused" | "no_device" } // opened, or not
  | { kind: "microphone_lost" }
  | { kind: "devices" } // another microphone was chosen, or plugged in, or is allowed again
  | { kind: "claimed" }
  | { kind: "claim_failed"; elsewhere: boolean }
  | { kind: "registered" }
  | { kind: "disconnected"; code: number }
  | { kind: "window"; free: boolean } // the service says which window is the phone
  | { kind: "take" } // "use it here"
  | { kind: "retry" }
  | { kind: "rings"; auto: boolean; muted?: boolean } // `muted`: it was so before this talk broke off
  | { kind: "answer" }
  | { kind: "decline" }
  | { kind: "answered" }
  | { kind: "ended" } // the far end hung up, or the call failed
  | { kind: "orphaned" } // the service has no call for this talk any more
  | { kind: "mute" }
  | { kind: "hold" }
  | { kind: "held"; held: boolean }; // what became of it, where it is not what was wished

export type Act =
  | "open_microphone"
  | "close_microphone"
  | "claim"
  | "take"
  | "connect"
  | "disconnect"
  | "retry_soon"
  | "pause_microphone" // the operator gets no calls without one
  | "ring"
  | "hush"
  | "answer"
  | "answer_muted"
  | "decline"
  | "hang_up"
  | "mute"
  | "unmute"
  | "hold"
  | "unhold"
  | "refresh"; // the far end is told where this talk is now

export const USED_ELSEWHERE = 4409;
export const LOG_IN_AGAIN = 4401;
export const NOT_YOURS = 4403;

export type Next = readonly [Phone, readonly Act[]];

export function step(phone: Phone, what: Happened): Next {
  switch (what.kind) {
    case "wanted":
      return phone.line === "off" ? [{ ...phone, line: "microphone", trouble: "" }, ["open_microphone"]] : [phone, []];
    case "unwanted":
      return [OFF, [...silence(phone), "disconnect", "close_microphone"]];
    case "microphone":
      return microphone(phone, what.trouble);
    case "microphone_lost":
      return phone.line === "off" ? [phone, []] : [{ ...phone, trouble: "lost_device" }, ["open_microphone"]];
    case "devices":
      return phone.line === "off" ? [phone, []] : [{ ...phone, trouble: "" }, ["open_microphone"]];
    case "claimed":
      return phone.line === "claiming" ? [{ ...phone, line: "connecting", trouble: "" }, ["connect"]] : [phone, []];
    case "claim_failed":
      return claimFailed(phone, what.elsewhere);
    case "registered":
      return registered(phone);
    case "disconnected":
      return disconnected(phone, what.code);
    case "window":
      return phone.line === "elsewhere" && what.free ? [{ ...phone, line: "claiming" }, ["claim"]] : [phone, []];
    case "take":
      return phone.line === "elsewhere" ? [{ ...phone, line: "claiming" }, ["take"]] : [phone, []];
    case "retry":
      return retry(phone);
    case "rings":
      return rings(phone, what.auto, what.muted === true);
    case "answer":
      if (phone.talk?.stage !== "ringing") return [phone, []];
      return [talking(phone, { stage: "answering" }), ["hush", "answer"]];
    case "decline":
      return phone.talk?.stage === "ringing" ? [{ ...phone, talk: null }, ["hush", "decline"]] : [phone, []];
    case "answered":
      return phone.talk === null ? [phone, ["hang_up"]] : [talking(phone, { stage: "talking" }), ["hush"]];
    case "ended":
      return [{ ...phone, talk: null }, phone.talk === null ? [] : ["hush"]];
    case "orphaned":
      return phone.talk?.stage === "talking" ? [{ ...phone, talk: null }, ["hang_up"]] : [phone, []];
    case "mute":
      if (phone.talk?.stage !== "talking") return [phone, []];
      return [talking(phone, { muted: !phone.talk.muted }), [phone.talk.muted ? "unmute" : "mute"]];
    case "hold":
      if (phone.talk?.stage !== "talking") return [phone, []];
      return [talking(phone, { held: !phone.talk.held }), [phone.talk.held ? "unhold" : "hold"]];
    case "held":
      return phone.talk === null ? [phone, []] : [talking(phone, { held: what.held }), []];
  }
}

function talking(phone: Phone, change: Partial<Talk>): Phone {
  return phone.talk === null ? phone : { ...phone, talk: { ...phone.talk, ...change } };
}

function silence(phone: Phone): Act[] {
  return phone.talk === null ? [] : ["hush", "hang_up"];
}

function microphone(phone: Phone, trouble: "" | "refused" | "no_device"): Next {
  if (phone.line === "off") return [phone, ["close_microphone"]];
  if (trouble !== "" && trouble === phone.trouble) return [phone, []];
  if (trouble !== "") return [{ ...phone, trouble }, phone.line === "microphone" ? [] : ["pause_microphone"]];
  if (phone.line === "microphone") return [{ ...phone, line: "claiming", trouble: "" }, ["claim"]];
  // That the headset is gone is told until it is there again.
  return [phone.trouble === "lost_device" ? phone : { ...phone, trouble: "" }, []];
}

function claimFailed(phone: Phone, elsewhere: boolean): Next {
  if (phone.line === "off") return [phone, []];
  if (elsewhere) return [{ ...OFF, line: "elsewhere" }, [...silence(phone), "disconnect"]];
  return [{ ...phone, trouble: without(phone) || "service" }, ["retry_soon"]];
}

/** The trouble of a phone without a microphone: it stands whatever the connection does. */
function without(phone: Phone): "" | "refused" | "no_device" {
  return phone.trouble === "refused" || phone.trouble === "no_device" ? phone.trouble : "";
}

function registered(phone: Phone): Next {
  if (phone.line !== "connecting") return [phone, []];
  const stale = phone.talk?.stale === true && phone.talk.stage === "talking";
  return [{ ...talking(phone, { stale: false }), line: "ready", trouble: without(phone) }, stale ? ["refresh"] : []];
}

function disconnected(phone: Phone, code: number): Next {
  if (phone.line !== "connecting" && phone.line !== "ready") return [phone, []];
  if (code === USED_ELSEWHERE) return [{ ...OFF, line: "elsewhere" }, [...silence(phone), "disconnect"]];
  if (code === LOG_IN_AGAIN || code === NOT_YOURS)
    return [{ ...OFF, trouble: code === NOT_YOURS ? "not_yours" : "" }, [...silence(phone), "disconnect", "close_microphone"]];
  // The sound goes on beside it; a call that only rings is offered to another operator.
  if (phone.talk !== null && phone.talk.stage !== "talking")
    return [{ ...phone, line: "connecting", trouble: without(phone) || "service", talk: null }, ["hush", "hang_up", "retry_soon"]];
  return [{ ...talking(phone, { stale: true }), line: "connecting", trouble: without(phone) || "service" }, ["retry_soon"]];
}

function retry(phone: Phone): Next {
  if (phone.line === "microphone") return [{ ...phone, trouble: "" }, ["open_microphone"]];
  if (phone.line === "claiming" || phone.line === "connecting") return [phone, ["claim"]];
  return [phone, []];
}

function rings(phone: Phone, auto: boolean, wasMuted: boolean): Next {
  // One call at a time: the service offers no second one, and a stranger's is not taken.
  if (phone.talk !== null || phone.line !== "ready") return [phone, ["decline"]];
  const muted = auto && wasMuted;
  const talk: Talk = { stage: auto ? "answering" : "ringing", muted, held: false, stale: false };
  return [{ ...phone, talk }, [muted ? "answer_muted" : auto ? "answer" : "ring"]];
}
