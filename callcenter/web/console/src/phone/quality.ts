/** What the browser measured of the line, in a word: pure, so that every rule is tested. */

export type Verdict = "good" | "fair" | "bad" | "caller_unheard" | "operator_unheard";

/** One look at the connection. Counts are since its begin. */
export interface Look {
  at: number; // ms
  received: number; // packets
  lost: number;
  sent: number;
  jitter: number; // s
  roundTrip: number | null; // s; null: nobody told of it yet
  /** Whether the far end still answers (ICE). */
  reached: boolean;
}

export interface Figures {
  verdict: Verdict;
  loss: number; // 0 to 1
  jitter: number;
  roundTrip: number | null;
}

export interface Summary extends Figures {
  seconds: number;
}

export const LOOK_MS = 1_000;
const WINDOW_MS = 5_000;
const UNHEARD_MS = 4_000; // no packet for so long, and the line says so within 5 s
const SHARE = 0.2; // of the talk: what was so bad for so long is the talk's word
const LASTING = 3; // looks

/** Within these a line is good, or else fair (ITU-T G.107, G.114 in rough figures). */
const LIMITS = {
  good: { loss: 0.01, jitter: 0.03, roundTrip: 0.3 },
  fair: { loss: 0.05, jitter: 0.06, roundTrip: 0.5 },
} as const;

/** How the line is now: of the looks of the last seconds. */
export function present(looks: readonly Look[]): Figures | null {
  const last = looks.at(-1);
  if (last === undefined) return null;
  const first = looks.find((each) => last.at - each.at <= WINDOW_MS) ?? last;
  const figures = between(first, last);
  return { ...figures, verdict: oneWay(looks, last) ?? word(figures) };
}

/** The whole talk, when it is over; null when it was too short to say anything. */
export function whole(looks: readonly Look[], verdicts: readonly Verdict[]): Summary | null {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || looks.length < LASTING) return null;
  const trips = looks.flatMap((each) => (each.roundTrip === null ? [] : [each.roundTrip]));
  return {
    seconds: (last.at - first.at) / 1_000,
    loss: between(first, last).loss,
    jitter: mean(looks.map((each) => each.jitter)) ?? 0,
    roundTrip: mean(trips),
    verdict: overall(verdicts),
  };
}

function between(first: Look, last: Look): Omit<Figures, "verdict"> {
  const [received, lost] = [last.received - first.received, Math.max(0, last.lost - first.lost)];
  const expected = received + lost;
  return { loss: expected <= 0 ? 0 : lost / expected, jitter: last.jitter, roundTrip: last.roundTrip };
}

function oneWay(looks: readonly Look[], last: Look): Verdict | null {
  const before = looks.findLast((each) => last.at - each.at >= UNHEARD_MS);
  if (before === undefined || last.sent === before.sent) return null;
  if (last.received > before.received) return last.reached ? null : "operator_unheard";
  // Some gateways send nothing while nobody speaks: only a caller of whom nothing came at all counts.
  return !last.reached || last.received === looks[0]?.received ? "caller_unheard" : null;
}

function word({ loss, jitter, roundTrip }: Omit<Figures, "verdict">): Verdict {
  const within = (limits: { loss: number; jitter: number; roundTrip: number }): boolean =>
    loss <= limits.loss && jitter <= limits.jitter && (roundTrip ?? 0) <= limits.roundTrip;
  return within(LIMITS.good) ? "good" : within(LIMITS.fair) ? "fair" : "bad";
}

function overall(verdicts: readonly Verdict[]): Verdict {
  const many = (...wanted: Verdict[]): number => verdicts.filter((each) => wanted.includes(each)).length;
  for (const unheard of ["caller_unheard", "operator_unheard"] as const) {
    if (many(unheard) >= LASTING) return unheard;
  }
  const enough = Math.max(LASTING, verdicts.length * SHARE);
  if (many("bad", "caller_unheard", "operator_unheard") >= enough) return "bad";
  return many("fair", "bad", "caller_unheard", "operator_unheard") >= enough ? "fair" : "good";
}

function mean(figures: readonly number[]): number | null {
  return figures.length === 0 ? null : figures.reduce((sum, each) => sum + each, 0) / figures.length;
}

/** A look at a connection, from what the browser counts. */
export async function look(connection: RTCPeerConnection): Promise<Look> {
  const found: Look = {
    at: performance.now(),
    received: 0,
    lost: 0,
    sent: 0,
    jitter: 0,
    roundTrip: null,
    reached: !["disconnected", "failed", "closed"].includes(connection.iceConnectionState),
  };
  (await connection.getStats()).forEach((stats: Record<string, unknown>) => {
    const number = (name: string): number => (typeof stats[name] === "number" ? stats[name] : 0);
    if (stats["type"] === "inbound-rtp") {
      found.received += number("packetsReceived");
      found.lost += number("packetsLost");
      found.jitter = Math.max(found.jitter, number("jitter"));
    } else if (stats["type"] === "outbound-rtp") found.sent += number("packetsSent");
    else if (stats["type"] === "remote-inbound-rtp" && number("roundTripTimeMeasurements") > 0)
      found.roundTrip = number("roundTripTime");
    else if (stats["type"] === "candidate-pair" && stats["nominated"] === true && found.roundTrip === null)
      found.roundTrip = number("currentRoundTripTime") || null;
  });
  return found;
}
