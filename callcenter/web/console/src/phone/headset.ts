/** The buttons and lights of a headset by WebHID (HID usage tables: telephony 0x0B, LEDs 0x08). Every
 *  headset lays out its reports its own way; the browser tells how (`collections`). Nothing here knows
 *  the page. */

import type { HidCollection, HidDevice, HidInput, HidItem } from "./webhid";

export const TELEPHONY = 0x0b;
const HOOK = 0x0b0020;
const MUTE = 0x0b002f;
const LIGHTS = { ring: 0x080018, offHook: 0x080017, mute: 0x080009 } as const;
type Light = keyof typeof LIGHTS;

interface Bit {
  report: number;
  at: number;
  /** Tells a state (up, down), not a press. */
  absolute: boolean;
}

/** What a headset shows. */
export interface Call {
  ringing: boolean;
  talking: boolean;
  muted: boolean;
}
/** What the page does when a button is pressed. */
export interface Acts {
  answer(): void;
  hangUp(): void;
  mute(): void;
}

const UNSURE = "";
const NO_CALL: Call = { ringing: false, talking: false, muted: false };

/** Whether it is a headset with call buttons. */
export const hasButtons = (device: HidDevice): boolean => {
  return bitsOf(device.collections, "inputReports").bits.has(HOOK);
};

export class Buttons {
  readonly #device: HidDevice;
  readonly #acts: Acts;
  readonly #inputs: ReadonlyMap<number, Bit>;
  readonly #outputs: ReadonlyMap<number, Bit>;
  readonly #bytes: ReadonlyMap<number, number>; // of each output report
  readonly #before = new Map<number, boolean>(); // how each button was
  readonly #sent = new Map<number, string>(); // to each output report; UNSURE: a press may have changed the lights
  #call = NO_CALL;

  constructor(device: HidDevice, acts: Acts) {
    this.#device = device;
    this.#acts = acts;
    this.#inputs = bitsOf(device.collections, "inputReports").bits;
    const told = bitsOf(device.collections, "outputReports");
    this.#outputs = told.bits;
    this.#bytes = told.bytes;
    device.addEventListener("inputreport", this.#heard);
  }

  /** Its lights go out, and its buttons do nothing any more. */
  async stop(): Promise<void> {
    this.#device.removeEventListener("inputreport", this.#heard);
    await this.show(NO_CALL);
  }

  /** Lights as the call is now; a headset opens its microphone by that of "off hook". */
  async show(call: Call): Promise<void> {
    this.#call = call;
    for (const [report, bytes] of this.#bytes) {
      const data = this.#lights(report, bytes); // as it is now: a report before may have taken a while
      const text = data.join();
      const dark = data.every((byte) => byte === 0);
      if (this.#sent.get(report) === text || (!this.#sent.has(report) && dark)) continue;
      this.#sent.set(report, text);
      try {
        await this.#device.sendReport(report, data);
      } catch (error) {
        this.#sent.set(report, UNSURE);
        if (!(error instanceof DOMException)) throw error; // it was unplugged, or another program holds it
      }
    }
  }

  /** Tell the headset once more how the call is: a press may have changed its own idea of it. */
  async again(): Promise<void> {
    for (const { report } of Object.values(LIGHTS).flatMap((light) => this.#outputs.get(light) ?? [])) {
      this.#sent.set(report, UNSURE);
    }
    await this.show(this.#call);
  }

  #lights(report: number, bytes: number): Uint8Array<ArrayBuffer> {
    const { ringing, talking, muted } = this.#call;
    const lit: Record<Light, boolean> = { ring: ringing, offHook: talking, mute: talking && muted };
    const data = new Uint8Array(bytes);
    for (const light of Object.keys(LIGHTS) as Light[]) {
      const bit = this.#outputs.get(LIGHTS[light]);
      if (bit?.report === report && lit[light]) data[bit.at >> 3] = (data[bit.at >> 3] ?? 0) | (1 << (bit.at & 7));
    }
    return data;
  }

  readonly #heard = (event: Event): void => {
    const { reportId, data } = event as HidInput;
    if (this.#changed(HOOK, reportId, data)) this.#hook();
    if (this.#changed(MUTE, reportId, data)) this.#mute();
  };

  /** Whether this button was pressed, or is in another state than before. */
  #changed(usage: number, report: number, data: DataView): boolean {
    const bit = this.#inputs.get(usage);
    if (bit === undefined || bit.report !== report || bit.at >> 3 >= data.byteLength) return false;
    const is = ((data.getUint8(bit.at >> 3) >> (bit.at & 7)) & 1) === 1;
    const was = this.#before.get(usage) ?? false;
    this.#before.set(usage, is);
    return bit.absolute ? is !== was : is && !was;
  }

  /** Off hook answers, on hook hangs up. A headset that is told "off hook" by its light says so back:
   *  that is no press. Whoever acts on "on hook" says when the headset is to be told again. */
  #hook(): void {
    const absolute = this.#inputs.get(HOOK)?.absolute ?? true;
    const up = absolute ? this.#before.get(HOOK) === true : !this.#call.talking;
    if (up && this.#call.ringing) this.#acts.answer();
    else if (!up && this.#call.talking) this.#acts.hangUp();
    else if (up && !this.#call.talking) void this.again(); // nothing to answer: it goes back on the hook
  }

  #mute(): void {
    const { talking, muted } = this.#call;
    const absolute = this.#inputs.get(MUTE)?.absolute ?? false;
    if (absolute && this.#before.get(MUTE) === (talking && muted)) return; // it says back what it was told
    if (talking) this.#acts.mute();
    if (this.#call.muted === muted) void this.again(); // nothing came of it, and its own light may say otherwise
  }
}

/** What the nth field of an item means. The last of its usages is that of all further fields. */
function usageOf({ usages = [], isRange, usageMinimum = 0, usageMaximum = 0 }: HidItem, nth: number): number | undefined {
  return isRange === true ? Math.min(usageMinimum + nth, usageMaximum) : usages[Math.min(nth, usages.length - 1)];
}

/** Where each usage is in the reports of one direction, and how many bytes the reports have. */
function bitsOf(
  collections: readonly HidCollection[],
  way: "inputReports" | "outputReports",
): { bits: Map<number, Bit>; bytes: Map<number, number> } {
  const bits = new Map<number, Bit>();
  const bytes = new Map<number, number>();
  for (const collection of collections.filter(({ usagePage }) => usagePage === TELEPHONY)) {
    for (const { reportId = 0, items = [] } of collection[way] ?? []) {
      let at = 0;
      for (const item of items) {
        const { isAbsolute = false, isArray, reportSize = 0, reportCount = 0 } = item;
        for (let each = 0; each < reportCount; each += 1) {
          const usage = usageOf(item, each);
          if (usage !== undefined && !isArray && !bits.has(usage)) {
            bits.set(usage, { report: reportId, at, absolute: isAbsolute });
          }
          at += reportSize;
        }
      }
      bytes.set(reportId, Math.ceil(at / 8));
    }
  }
  return { bits, bytes };
}
