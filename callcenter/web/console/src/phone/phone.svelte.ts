/** The phone in this page: does what machine.ts decides, with JsSIP, the service and the devices. One
 *  a page, whichever of its screens is shown. */
import type { RTCSession } from "jssip/lib/RTCSession";
import type { UA } from "jssip/lib/UA";
import { ask, Away, Refused, type Schemas } from "../api/client";
import { headset } from "./headset.svelte";
import { OFF, step, type Act, type Happened, type Phone, type Talk } from "./machine";
import { measure } from "./measure.svelte";
import { chosen } from "./settings.svelte";
import { sound } from "./sound.svelte";

const RETRY_MS = 1_000;
const GATHER_MS = 200; // after the first address of this host: another network card may be dead
const REJOIN_MS = 30_000; // a page that was reloaded in a talk, or lost the network, answers by itself for so long
const EXPECTED_MS = 10_000; // from the press to the ring, on a busy machine
const TALK_KEY = "talk";
const HANGS_UP_MS = 3_000; // after this the service has hung up, or will not
const GIVEN_UP = 4000; // a close code of our own: the page is still there
const GONE = 410; // SIP's word for: this phone is not here. 480 would mean that nobody answered

/** New with every load of the page: the service tells windows apart by it. */
const WINDOW = `w-${crypto.randomUUID()}`;

let phone = $state.raw<Phone>(OFF);
let operator = "";
let openLine = false;
let present: string | null = null; // the operator's call, as the service says
let leave: (() => void) | null = null; // ends this supervisor's listening, while there is one
let agent: UA | null = null;
let secret = "";
let session: RTCSession | null = null;
let tested: RTCSession | null = null; // the call of a line test
let wasMuted = false; // in the talk that broke off
let rejoinUntil = rejoins();
let expectedUntil = 0;
let silentSince = 0; // when the sound of this talk broke off; 0: it comes
let returnsUntil = 0;

export const line = {
  get now(): Phone {
    return phone;
  },
  get window(): string {
    return WINDOW;
  },
  /** Whether this page came back from a reload in a talk. */
  get rejoins(): boolean {
    return Date.now() < rejoinUntil;
  },

  /** Whether a talk of this page ended a short while ago, or its sound. */
  get talked(): boolean {
    return Date.now() < returnsUntil;
  },

  /** The page is this operator's phone from now on. */
  use(id: string): void {
    operator = id;
    void headset.begin({ answer: line.answer, hangUp, mute: line.mute });
    happened({ kind: "wanted" });
  },
  stop(): void {
    happened({ kind: "unwanted" });
  },
  /** What the live feed says of this operator. */
  told(window: string | null, isOpenLine: boolean, call: string | null, stopListening: (() => void) | null): void {
    openLine = isOpenLine;
    present = call;
    leave = stopListening;
    measure.talks(operator, call);
    happened({ kind: "window", free: window === null });
  },
  /** The next ring is of this person's own making: it is answered by itself. */
  expect(): void {
    expectedUntil = Date.now() + EXPECTED_MS;
  },
  /** The network lets nothing through. The connection is left, though nobody has closed it. */
  unplug(): void {
    const wire = transport();
    if (!wire?.isConnected()) return;
    wire.socket._ws?.close(GIVEN_UP); // without a code it would say that the page has gone
    wire.disconnect();
  },
  /** It does again. Nothing is done where there is a connection. */
  plugIn(): void {
    transport()?.connect();
  },
  /** The phone was lost in a talk, and its caller is to come back here. */
  comeBack(): void {
    if (!line.rejoins) rejoinUntil = Date.now() + EXPECTED_MS;
    returnsUntil = 0;
  },
  orphaned: () => happened({ kind: "orphaned" }),
  take: () => happened({ kind: "take" }),
  retry: () => happened({ kind: "retry" }),
  answer: () => happened({ kind: "answer" }),
  decline: () => happened({ kind: "decline" }),
  mute: () => happened({ kind: "mute" }),
  hold: () => happened({ kind: "hold" }),
  press(key: string): void {
    if (session?.isEstablished()) session.sendDTMF(key, { transportType: "RFC2833" as never });
  },
  /** A call to the telephone system itself, for the line test; null while the phone is not free. */
  dial(target: string): RTCSession | null {
    if (agent === null || phone.line !== "ready" || phone.talk !== null || sound.stream === null) return null;
    const call = agent.call(`sip:${target}@${domain}`, {
      mediaStream: sound.stream,
      pcConfig: { iceServers: [] },
      eventHandlers: {
        peerconnection: (event: { peerconnection: RTCPeerConnection }) => plays(event.peerconnection),
        icecandidate: gathers(),
      } as never,
    });
    tested = call;
    return call;
  },
  hangUpTest(call: RTCSession): void {
    if (tested !== call) return;
    tested = null;
    sound.play(null);
    if (!call.isEnded()) call.terminate();
  },
  /** Another microphone was chosen. */
  reopen(): void {
    happened({ kind: "devices" });
  },
};

function happened(what: Happened): void {
  const [next, acts] = step(phone, what);
  if (phone.talk?.stage === "talking" && next.talk === null) talkEnded(phone.talk);
  phone = next;
  const { stage, muted } = next.talk ?? { stage: "", muted: false };
  headset.show({ ringing: stage === "ringing", talking: stage === "answering" || stage === "talking", muted });
  remember();
  for (const act of acts) DO[act]();
}

/** The headset was put on the hook: as the page's own button, so that an open line stays. */
function hangUp(): void {
  if (present !== null) void ask("POST", `/operators/${operator}/hang-up?call=${present}`).catch(passing);
  else leave?.();
  setTimeout(() => headset.settle(), openLine ? 0 : HANGS_UP_MS);
}

const DO: Record<Act, () => void> = {
  open_microphone: () => void openMicrophone(),
  close_microphone: () => sound.close(),
  claim: () => void claim(false),
  take: () => void claim(true),
  connect: () => void connect(),
  disconnect: () => {
    const stopped = agent;
    agent = null;
    stopped?.stop();
  },
  retry_soon: () => setTimeout(() => happened({ kind: "retry" }), RETRY_MS),
  pause_microphone: () => void ask("POST", `/operators/${operator}/pause`, { reason: "microphone" }).catch(passing),
  ring: () => {
    sound.ring();
    notify();
  },
  hush: () => {
    sound.hush();
    note?.close();
  },
  answer: () => session?.answer({ mediaStream: sound.stream as MediaStream, pcConfig: { iceServers: [] } }),
  answer_muted: () => {
    hear(false);
    DO.answer();
  },
  decline: () => end(603),
  hang_up: () => end(GONE),
  // By JsSIP: it switches the microphone itself after a hold, and must know.
  mute: () => session?.mute({ audio: true }),
  unmute: () => session?.unmute({ audio: true }),
  // Asterisk plays the music to the caller. A change that is still under way refuses another one.
  hold: () => session?.hold() || happened({ kind: "held", held: false }),
  unhold: () => session?.unhold() || happened({ kind: "held", held: true }),
  refresh: () => void session?.renegotiate(),
};

async function openMicrophone(): Promise<void> {
  const trouble = await sound.open();
  const track = sound.track;
  // A new device in the middle of a talk is as muted as the one before, from its first sound on.
  const silent = (): boolean => phone.talk?.muted === true || phone.talk?.held === true;
  if (trouble === "") hear(!silent());
  const sender = session?.connection?.getSenders().find((each) => each.track?.kind === "audio");
  if (trouble === "" && track !== null) await sender?.replaceTrack(track);
  if (trouble === "") hear(!silent()); // a key pressed meanwhile was for the one before
  happened({ kind: "microphone", trouble });
}

sound.watch({
  lost: () => happened({ kind: "microphone_lost" }),
  forbidden: () => happened({ kind: "microphone", trouble: "refused" }),
  there: () => {
    const without = ["refused", "no_device", "lost_device"].includes(phone.trouble);
    if (without || sound.mayBeBetter) happened({ kind: "devices" });
  },
});

function hear(on: boolean): void {
  if (sound.track !== null) sound.track.enabled = on;
}

async function claim(take: boolean): Promise<void> {
  try {
    const path = `/operators/${operator}/browser-phone`;
    const known = await ask<Schemas["BrowserPhone"]>("PUT", path, { window: WINDOW, take });
    if (agent !== null && known.sip_secret !== secret) DO.disconnect();
    const again = phone.line === "connecting";
    user = known.sip_user;
    domain = known.sip_domain;
    secret = known.sip_secret;
    if (again && agent === null) await connect();
    happened({ kind: "claimed" });
  } catch (error) {
    passing(error);
    happened({ kind: "claim_failed", elsewhere: error instanceof Refused && error.code === "used_elsewhere" });
  }
}

let user = "";
let domain = "";

async function connect(): Promise<void> {
  const { UA: Agent, WebSocketInterface } = await import("jssip");
  if (agent !== null) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const made = new Agent({
    sockets: [new WebSocketInterface(`${scheme}://${location.host}/api/v1/sip?window=${WINDOW}`)],
    uri: `sip:${user}@${domain}`,
    // Its own name also where Asterisk calls it: requests within a call are sent under that.
    contact_uri: `sip:${user}@${crypto.randomUUID().slice(0, 8)}.invalid;transport=ws`,
    password: secret,
    register_expires: 120,
    session_timers: false,
    user_agent: "console",
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 3,
  });
  agent = made;
  const ours = (act: () => void): (() => void) => {
    return () => {
      if (agent === made) act();
    };
  };
  made.on("registered", ours(() => happened({ kind: "registered" })));
  made.on("registrationFailed", ours(() => happened({ kind: "disconnected", code: 0 })));
  made.on("disconnected", (event) => {
    if (agent === made) happened({ kind: "disconnected", code: event.code ?? 1006 });
  });
  made.on("newRTCSession", (event: { originator: string; session: RTCSession }) => {
    if (event.originator === "remote" && agent === made) comes(event.session);
  });
  made.start();
}

function comes(call: RTCSession): void {
  if (phone.talk !== null || phone.line !== "ready") {
    call.terminate({ status_code: 486 });
    return;
  }
  if (tested !== null) line.hangUpTest(tested); // a caller comes first
  session = call;
  const mine = (act: () => void): (() => void) => {
    return () => {
      if (session === call) act();
    };
  };
  call.on("icecandidate", gathers());
  call.on("peerconnection", (event) => {
    plays(event.peerconnection);
    listens(event.peerconnection);
    if (phone.talk?.muted === true) call.mute({ audio: true });
  });
  call.on(
    "confirmed",
    mine(() => {
      measure.watch(call.connection ?? null);
      rejoinUntil = expectedUntil = 0; // not before: a ring may be lost, and come again
      happened({ kind: "answered" });
    }),
  );
  const over = mine(() => {
    measure.watch(null);
    session = null;
    sound.play(null);
    hear(true);
    happened({ kind: "ended" });
  });
  call.on("ended", over);
  call.on("failed", over);
  const expected = Date.now() < expectedUntil;
  const auto = chosen.now.autoAnswer || openLine || line.rejoins || expected;
  happened({ kind: "rings", auto, muted: line.rejoins && wasMuted });
}

/** The first address of this host is enough. */
function gathers(): (event: { candidate: RTCIceCandidate; ready: () => void }) => void {
  let gathered = false;
  return (event) => {
    if (!gathered && event.candidate.type === "host") setTimeout(() => event.ready(), GATHER_MS);
    gathered ||= event.candidate.type === "host";
  };
}

function plays(connection: RTCPeerConnection): void {
  connection.addEventListener("track", (track) => sound.play(new MediaStream([track.track])));
}

/** Notes when the sound breaks off, and that it is there again. */
function listens(connection: RTCPeerConnection): void {
  silentSince = 0;
  connection.addEventListener("iceconnectionstatechange", () => {
    const state = connection.iceConnectionState;
    if (state === "connected" || state === "completed") silentSince = 0;
    else if (state === "disconnected" || state === "failed") silentSince ||= Date.now();
  });
}

/** If its phone was lost, the service will say so: then the person here has not gone. */
function talkEnded(talk: Talk): void {
  wasMuted = talk.muted;
  returnsUntil = (silentSince || Date.now()) + REJOIN_MS;
  silentSince = 0;
}

/** JsSIP's connection, of which its types say nothing. */
function transport(): Transport | null {
  return (agent as unknown as { transport: Transport } | null)?.transport ?? null;
}

interface Transport {
  socket: { _ws: WebSocket | null };
  connect(): void;
  disconnect(): void;
  isConnected(): boolean;
}

function end(status: number): void {
  measure.watch(null);
  const call = session;
  session = null;
  sound.play(null);
  hear(true);
  if (call !== null && !call.isEnded()) call.terminate({ status_code: status });
}

function passing(error: unknown): void {
  if (!(error instanceof Refused || error instanceof Away)) throw error;
}

// --- notification ------------------------------------------------------------------------------

let note: Notification | null = null;
let noteTitle = "";

/** What a notification says: no number, no name, for it may be shown on a locked screen. */
export function notifyWith(title: string): void {
  noteTitle = title;
}

/** After a click: the browser asks its person only then. */
export function askToNotify(): void {
  if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission();
}

function notify(): void {
  if (document.hasFocus() || !("Notification" in window) || Notification.permission !== "granted") return;
  note = new Notification(noteTitle, { tag: "call", requireInteraction: true });
  note.onclick = () => window.focus();
}

// --- a page that is reloaded -------------------------------------------------------------------

function remember(): void {
  if (phone.talk?.stage === "talking") sessionStorage.setItem(TALK_KEY, phone.talk.muted ? "muted" : "heard");
  else if (phone.line === "ready") sessionStorage.removeItem(TALK_KEY);
}

function rejoins(): number {
  const talked = sessionStorage.getItem(TALK_KEY);
  sessionStorage.removeItem(TALK_KEY);
  wasMuted = talked === "muted";
  return talked === null ? 0 : Date.now() + REJOIN_MS;
}

window.addEventListener("pagehide", () => {
  if (phone.talk !== null && phone.talk.stage !== "talking") end(GONE);
});
