/** The line test before a shift: a call that plays back what it hears, and what was measured of it. */
import type { RTCSession } from "jssip/lib/RTCSession";
import { line } from "./phone.svelte";
import { look, LOOK_MS, present, type Figures, type Look } from "./quality";
import { sound } from "./sound.svelte";

const TEST_MS = 6_000;
const ANSWER_MS = 8_000;
const HEARD = 0.15; // of the level meter
const TARGET = "line-test";

export type Trouble = "" | "no_answer" | "no_sound" | "silent";
/** `heard`: how loud the microphone was at its loudest, 0 to 1. */
export interface Result {
  trouble: Trouble;
  figures: Figures | null;
  heard: number;
}

let running = $state(false);
let result = $state.raw<Result | null>(null);

export const lineTest = {
  get running(): boolean {
    return running;
  },
  get result(): Result | null {
    return result;
  },

  async run(): Promise<void> {
    if (running) return;
    running = true;
    result = null;
    try {
      result = await tested();
    } finally {
      running = false;
    }
  },
};

async function tested(): Promise<Result> {
  const call = line.dial(TARGET);
  if (call === null || !(await answered(call))) return { trouble: "no_answer", figures: null, heard: 0 };
  const looks: Look[] = [];
  let heard = 0;
  const until = performance.now() + TEST_MS;
  while (performance.now() < until && !call.isEnded()) {
    await new Promise((done) => setTimeout(done, LOOK_MS / 4));
    heard = Math.max(heard, sound.level);
    const last = looks.at(-1);
    if (call.connection && (last === undefined || performance.now() - last.at >= LOOK_MS)) looks.push(await look(call.connection));
  }
  line.hangUpTest(call);
  const [figures, last] = [present(looks), looks.at(-1)];
  if (figures === null || last === undefined || last.received === 0) return { trouble: "no_sound", figures: null, heard };
  return { trouble: heard < HEARD ? "silent" : "", figures, heard };
}

function answered(call: RTCSession): Promise<boolean> {
  return new Promise((done) => {
    const waits = setTimeout(() => {
      line.hangUpTest(call);
      done(false);
    }, ANSWER_MS);
    const ends = (well: boolean): void => {
      clearTimeout(waits);
      done(well);
    };
    call.on("confirmed", () => ends(true));
    call.on("failed", () => ends(false));
    call.on("ended", () => ends(false));
  });
}
