/** The live feed: queues and operators as they are now. The service tells what changed; seconds are
 *  counted here. One feed a page, connected anew for ever while somebody is logged in. */
import type { OperatorView, QueueView } from "./api/client";

interface Told {
  type: "snapshot" | "changes";
  connected: boolean;
  queues: QueueView[];
  operators: OperatorView[];
  removed: string[];
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const SILENT_MS = 6_000; // the service says something every two seconds
const ANSWER_MS = 3_000; // for a connection to be made
const GIVEN_UP = 4000; // a close code of our own: the page is still there

export type Link = "connecting" | "live" | "lost";

/** What was told, and when (milliseconds of performance.now()). */
export interface Timed<T> {
  view: T;
  at: number;
}

let link = $state<Link>("connecting");
let silent = $state(false);
let asterisk = $state(true);
let queues = $state.raw<ReadonlyMap<string, Timed<QueueView>>>(new Map());
let operators = $state.raw<ReadonlyMap<string, Timed<OperatorView>>>(new Map());
let now = $state(performance.now());

let socket: WebSocket | null = null;
let pause = FIRST_PAUSE_MS;
let heardAt = 0;
let wanted = false;
let ended: () => void = () => undefined;

setInterval(() => {
  now = performance.now();
  giveUpSilence();
}, 1_000);

export const live = {
  get link(): Link {
    return link;
  },
  /** Whether the network let nothing through, without a word. */
  get silent(): boolean {
    return silent;
  },
  get asterisk(): boolean {
    return asterisk;
  },
  get queues(): readonly Timed<QueueView>[] {
    return [...queues.values()];
  },
  get operators(): readonly Timed<OperatorView>[] {
    return [...operators.values()];
  },
  operator(id: string): Timed<OperatorView> | undefined {
    return operators.get(id);
  },
  /** Seconds since something was told; changes once a second. */
  secondsSince(at: number): number {
    return Math.max(0, (now - at) / 1_000);
  },

  /** `sessionEnded` is called when the service says that nobody is logged in any more. */
  start(sessionEnded: () => void): void {
    ended = sessionEnded;
    wanted = true;
    connect();
  },
  stop(): void {
    wanted = false;
    socket?.close();
  },
};

function connect(): void {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opened = new WebSocket(`${scheme}://${location.host}/api/v1/live`);
  socket = opened;
  heardAt = performance.now();
  opened.onmessage = (message: MessageEvent<string>) => take(JSON.parse(message.data) as Told);
  opened.onopen = () => (pause = FIRST_PAUSE_MS);
  opened.onclose = (event) => {
    if (socket !== opened) return;
    socket = null;
    if (!wanted) return;
    link = link === "connecting" ? "connecting" : "lost";
    if (event.code === 1008) ended();
    setTimeout(() => wanted && connect(), pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    if (pause === LONGEST_PAUSE_MS) {
      link = "lost";
      ended(); // it may be that nobody is logged in any more: the page asks
    }
  };
}

function take(told: Told): void {
  const at = (heardAt = performance.now());
  const whole = told.type === "snapshot";
  const q = new Map(whole ? [] : queues);
  const o = new Map(whole ? [] : operators);
  for (const view of told.queues) q.set(view.queue, { view, at });
  for (const view of told.operators) o.set(view.operator, { view, at });
  for (const name of told.removed) o.delete(name);
  queues = q;
  operators = o;
  asterisk = told.connected;
  link = "live";
  silent = false;
  now = at;
}

/** A network that is gone closes nothing: a connection that says nothing is left, and another tried. */
function giveUpSilence(): void {
  const patience = socket?.readyState === WebSocket.OPEN ? SILENT_MS : ANSWER_MS;
  if (!wanted || socket === null || now - heardAt < patience) return;
  const left = socket;
  socket = null;
  left.close(GIVEN_UP);
  silent = true;
  link = link === "connecting" ? "connecting" : "lost";
  setTimeout(() => wanted && connect(), FIRST_PAUSE_MS);
}
