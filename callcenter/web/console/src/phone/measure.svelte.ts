/** Measures the line in a talk, shows it, and tells the service: each time its word changes, and once when the talk is
 *  over. */
import { ask, Away, Refused } from "../api/client";
import { look, LOOK_MS, present, whole, type Figures, type Look, type Verdict } from "./quality";

const KEPT = 7_200; // looks: two hours; what is older is no part of the figures
const AGAIN_MS = 3_000; // the record of a call is written a moment after its end
const TRIES = 5;

let now = $state.raw<Figures | null>(null);
let connection: RTCPeerConnection | null = null;
let talk: { operator: string; call: string } | null = null;
let looks: Look[] = [];
let verdicts: Verdict[] = [];
let toldLast: Verdict | null = null; // of this talk

export const measure = {
  /** How the line is at present; null where nobody talks. */
  get now(): Figures | null {
    return now;
  },

  /** The connection of the phone, or null when it is over. */
  watch(wanted: RTCPeerConnection | null): void {
    if (wanted === connection) return;
    finish();
    connection = wanted;
  },

  /** Which call is talked at present: an open line has one after the other. */
  talks(operator: string, call: string | null): void {
    if (call === (talk?.call ?? null)) return;
    finish();
    talk = call === null ? null : { operator, call };
  },
};

setInterval(() => void measured(), LOOK_MS);

async function measured(): Promise<void> {
  const [looked, of] = [connection, talk];
  if (looked === null || of === null) return;
  const held = looked.getTransceivers().some((each) => each.currentDirection === "sendonly" || each.currentDirection === "inactive");
  if (held) {
    now = null; // nothing comes in while the caller is on hold, and that is no fault
    return;
  }
  const found = await look(looked);
  if (looked !== connection || of !== talk) return;
  looks = [...looks.slice(1 - KEPT), found];
  now = present(looks);
  if (now === null) return;
  verdicts = [...verdicts.slice(1 - KEPT), now.verdict];
  if (now.verdict !== toldLast) void tellNow(of, now.verdict);
}

function finish(): void {
  const summary = whole(looks, verdicts);
  if (talk !== null && summary !== null) {
    void tell(talk.operator, {
      call: talk.call,
      seconds: summary.seconds,
      loss: summary.loss,
      jitter_seconds: summary.jitter,
      round_trip_seconds: summary.roundTrip,
      verdict: summary.verdict,
    });
  }
  looks = [];
  verdicts = [];
  toldLast = now = null;
}

/** What is not taken now is told with a later look. */
async function tellNow(of: { operator: string; call: string }, verdict: Verdict): Promise<void> {
  const before = toldLast;
  toldLast = verdict;
  try {
    await ask("PUT", `/operators/${of.operator}/quality`, { call: of.call, verdict });
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Away)) throw error;
    if (of === talk && toldLast === verdict) toldLast = before;
  }
}

async function tell(operator: string, quality: object, tries = TRIES): Promise<void> {
  try {
    await ask("POST", `/operators/${operator}/quality`, quality);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Away)) throw error;
    if (tries > 1) setTimeout(() => void tell(operator, quality, tries - 1), AGAIN_MS);
  }
}
