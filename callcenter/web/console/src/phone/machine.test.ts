import { describe, expect, test } from "vitest";
import { LOG_IN_AGAIN, NOT_YOURS, OFF, step, USED_ELSEWHERE, type Act, type Happened, type Phone } from "./machine";

/** Let all of it happen; the phone then, and what was to be done at the last. */
function after(...happened: Happened[]): { phone: Phone; acts: readonly Act[] } {
  let phone = OFF;
  let acts: readonly Act[] = [];
  for (const what of happened) [phone, acts] = step(phone, what);
  return { phone, acts };
}

const READY: Happened[] = [
  { kind: "wanted" },
  { kind: "microphone", trouble: "" },
  { kind: "claimed" },
  { kind: "registered" },
];
const TALKING: Happened[] = [...READY, { kind: "rings", auto: false }, { kind: "answer" }, { kind: "answered" }];

describe("becoming a phone", () => {
  test("microphone first, then the window, then SIP", () => {
    expect(after({ kind: "wanted" }).acts).toEqual(["open_microphone"]);
    expect(after(...READY.slice(0, 2)).acts).toEqual(["claim"]);
    expect(after(...READY.slice(0, 3)).acts).toEqual(["connect"]);
    expect(after(...READY).phone).toEqual({ line: "ready", trouble: "", talk: null });
  });

  test("without a microphone it is none, until it is asked for again", () => {
    const refused: Happened[] = [{ kind: "wanted" }, { kind: "microphone", trouble: "refused" }];
    expect(after(...refused).phone).toEqual({ line: "microphone", trouble: "refused", talk: null });
    expect(after(...refused).acts).toEqual([]);
    expect(after(...refused, { kind: "retry" }).acts).toEqual(["open_microphone"]);
  });

  test("another window is the phone: this one waits, takes it, or gets it when that one is closed", () => {
    const elsewhere: Happened[] = [...READY.slice(0, 2), { kind: "claim_failed", elsewhere: true }];
    expect(after(...elsewhere).phone.line).toBe("elsewhere");
    expect(after(...elsewhere, { kind: "window", free: false }).acts).toEqual([]);
    expect(after(...elsewhere, { kind: "window", free: true }).acts).toEqual(["claim"]);
    expect(after(...elsewhere, { kind: "take" }).acts).toEqual(["take"]);
  });

  test("the service is away: it is asked again", () => {
    const failed: Happened[] = [...READY.slice(0, 2), { kind: "claim_failed", elsewhere: false }];
    expect(after(...failed).acts).toEqual(["retry_soon"]);
    expect(after(...failed, { kind: "retry" }).acts).toEqual(["claim"]);
  });

  test("chosen off again while the browser still asks its person", () => {
    expect(after({ kind: "wanted" }, { kind: "unwanted" }, { kind: "microphone", trouble: "" })).toEqual({
      phone: OFF,
      acts: ["close_microphone"],
    });
  });
});

describe("a call", () => {
  test("rings until it is answered", () => {
    expect(after(...READY, { kind: "rings", auto: false }).acts).toEqual(["ring"]);
    expect(after(...READY, { kind: "rings", auto: false }, { kind: "answer" }).acts).toEqual(["hush", "answer"]);
    expect(after(...TALKING).phone.talk?.stage).toBe("talking");
  });

  test("is declined, or answers itself", () => {
    expect(after(...READY, { kind: "rings", auto: false }, { kind: "decline" })).toEqual({
      phone: { line: "ready", trouble: "", talk: null },
      acts: ["hush", "decline"],
    });
    expect(after(...READY, { kind: "rings", auto: true }).acts).toEqual(["answer"]);
  });

  test("a key pressed twice does it once", () => {
    expect(after(...READY, { kind: "rings", auto: false }, { kind: "answer" }, { kind: "answer" }).acts).toEqual([]);
    expect(after(...READY, { kind: "answer" }).acts).toEqual([]);
    expect(after(...READY, { kind: "mute" }).acts).toEqual([]);
    expect(after(...READY, { kind: "decline" }).acts).toEqual([]);
  });

  test("a second one is declined, and the first goes on", () => {
    const { phone, acts } = after(...TALKING, { kind: "rings", auto: true });
    expect(acts).toEqual(["decline"]);
    expect(phone.talk?.stage).toBe("talking");
  });

  test("its end stops the ringing", () => {
    expect(after(...READY, { kind: "rings", auto: false }, { kind: "ended" })).toEqual({
      phone: { line: "ready", trouble: "", talk: null },
      acts: ["hush"],
    });
  });

  test("answered after it was given up is hung up", () => {
    expect(after(...READY, { kind: "answered" }).acts).toEqual(["hang_up"]);
  });
});

describe("in a talk", () => {
  test("mute and back", () => {
    expect(after(...TALKING, { kind: "mute" }).acts).toEqual(["mute"]);
    expect(after(...TALKING, { kind: "mute" }, { kind: "mute" }).acts).toEqual(["unmute"]);
  });

  test("hold and back, and a hold that could not be asked for", () => {
    expect(after(...TALKING, { kind: "hold" }).acts).toEqual(["hold"]);
    expect(after(...TALKING, { kind: "hold" }, { kind: "hold" }).acts).toEqual(["unhold"]);
    expect(after(...TALKING, { kind: "hold" }, { kind: "held", held: false }).phone.talk?.held).toBe(false);
    expect(after(...READY, { kind: "rings", auto: false }, { kind: "hold" }).acts).toEqual([]);
  });

  test("the headset is pulled out: another one is opened, and muted stays muted", () => {
    const lost: Happened[] = [...TALKING, { kind: "mute" }, { kind: "microphone_lost" }];
    expect(after(...lost).acts).toEqual(["open_microphone"]);
    const other: Happened[] = [...lost, { kind: "microphone", trouble: "" }];
    expect(after(...other).phone).toMatchObject({ trouble: "lost_device", talk: { muted: true } });
    const back: Happened[] = [...other, { kind: "devices" }];
    expect(after(...back).acts).toEqual(["open_microphone"]);
    expect(after(...back, { kind: "microphone", trouble: "" }).phone).toMatchObject({ trouble: "", talk: { muted: true } });
  });

  test("it was muted, and comes back after a reload or a broken network: still muted", () => {
    const back: Happened[] = [...READY, { kind: "rings", auto: true, muted: true }];
    expect(after(...back).acts).toEqual(["answer_muted"]);
    expect(after(...back, { kind: "answered" }).phone.talk).toMatchObject({ stage: "talking", muted: true });
    expect(after(...back, { kind: "answered" }, { kind: "mute" }).acts).toEqual(["unmute"]);
    const asked: Happened[] = [...READY, { kind: "rings", auto: false, muted: true }];
    expect(after(...asked).phone.talk?.muted).toBe(false);
  });

  test("no microphone any more: the operator is paused", () => {
    const gone: Happened[] = [...READY, { kind: "microphone_lost" }, { kind: "microphone", trouble: "refused" }];
    expect(after(...gone).acts).toEqual(["pause_microphone"]);
    expect(after(...gone, { kind: "microphone", trouble: "refused" }).acts).toEqual([]);
    const again: Happened[] = [{ kind: "disconnected", code: 1006 }, { kind: "registered" }];
    expect(after(...gone, ...again).phone).toMatchObject({ line: "ready", trouble: "refused" });
    expect(after(...gone, ...again, { kind: "devices" }).acts).toEqual(["open_microphone"]);
  });

  test("the connection breaks: the talk goes on, and Asterisk is told where it is", () => {
    const broken: Happened[] = [...TALKING, { kind: "disconnected", code: 1006 }];
    expect(after(...broken).phone).toMatchObject({ line: "connecting", talk: { stage: "talking", stale: true } });
    expect(after(...broken).acts).toEqual(["retry_soon"]);
    expect(after(...broken, { kind: "registered" }).acts).toEqual(["refresh"]);
    expect(after(...broken, { kind: "registered" }).phone).toMatchObject({ line: "ready", talk: { stale: false } });
  });

  test("… while it only rang: it is rung somewhere else", () => {
    const { phone, acts } = after(...READY, { kind: "rings", auto: false }, { kind: "disconnected", code: 1006 });
    expect(phone.talk).toBeNull();
    expect(acts).toContain("hush");
  });

  test("another window takes the phone: this one falls silent", () => {
    const { phone, acts } = after(...TALKING, { kind: "disconnected", code: USED_ELSEWHERE });
    expect(phone).toEqual({ line: "elsewhere", trouble: "", talk: null });
    expect(acts).toEqual(["hush", "hang_up", "disconnect"]);
  });

  test("the log-in is over, or it was never this one's phone", () => {
    expect(after(...TALKING, { kind: "disconnected", code: LOG_IN_AGAIN }).phone).toEqual(OFF);
    expect(after(...TALKING, { kind: "disconnected", code: NOT_YOURS }).phone.trouble).toBe("not_yours");
  });

  test("the service knows of no call: nobody is left at the other end", () => {
    expect(after(...TALKING, { kind: "orphaned" })).toEqual({
      phone: { line: "ready", trouble: "", talk: null },
      acts: ["hang_up"],
    });
    expect(after(...READY, { kind: "rings", auto: false }, { kind: "orphaned" }).acts).toEqual([]);
  });
});

test("whatever happens, it never rings and talks at once, nor talks when off", () => {
  const all: Happened[] = [
    ...TALKING,
    { kind: "unwanted" },
    { kind: "microphone_lost" },
    { kind: "microphone", trouble: "no_device" },
    { kind: "claim_failed", elsewhere: true },
    { kind: "claim_failed", elsewhere: false },
    { kind: "disconnected", code: 1006 },
    { kind: "disconnected", code: USED_ELSEWHERE },
    { kind: "window", free: true },
    { kind: "take" },
    { kind: "retry" },
    { kind: "decline" },
    { kind: "ended" },
    { kind: "orphaned" },
    { kind: "mute" },
    { kind: "hold" },
    { kind: "held", held: true },
  ];
  let seed = 7;
  const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  let phone = OFF;
  let rung = false;
  for (let i = 0; i < 20_000; i++) {
    const what = all[Math.floor(random() * all.length)] as Happened;
    const [next, acts] = step(phone, what);
    for (const act of acts) {
      if (act === "ring") rung = true;
      if (act === "hush") rung = false;
    }
    if (next.line === "off" || next.line === "elsewhere") expect(next.talk).toBeNull();
    expect(rung).toBe(next.talk?.stage === "ringing");
    phone = next;
  }
});
