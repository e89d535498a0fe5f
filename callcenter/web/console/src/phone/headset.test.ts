import { describe, expect, it, vi } from "vitest";
import { Buttons, hasButtons } from "./headset";
import type { HidCollection, HidDevice, HidItem, HidReport } from "./webhid";

// The telephony collection of a Plantronics Blackwire 3220 (047f:c056): a report of its own for each
// light, a mute button that tells presses, a hook switch that tells its state.
const BLACKWIRE = `05 0B 09 05 A1 01
  85 08 09 2F 15 00 25 01 75 01 95 01 81 06 09 20 09 21 75 01 95 02 81 22 95 05 81 01
  85 09 05 08 09 09 75 01 95 01 91 22 95 07 91 01
  85 17 09 17 95 01 91 22 95 07 91 01
  85 18 09 18 95 01 91 22 95 07 91 01 C0`;
// Of an Anker PowerConf (291a:3301): all lights in one report, after volume keys of another collection.
const POWERCONF = `05 0C 09 01 A1 01 85 01 15 00 25 01 09 E9 09 EA 75 01 95 02 81 42 95 06 81 01 C0
  05 0B 09 05 A1 01 85 02 05 0B 15 00 25 01 09 20 09 97 75 01 95 02 81 23
  09 2F 09 21 09 70 09 50 75 01 95 04 81 07
  05 08 09 17 09 09 09 18 09 20 09 21 75 01 95 05 91 22 95 03 91 03 C0`;
const VOLUME_KEYS = "05 0C 09 01 A1 01 85 01 15 00 25 01 09 E9 09 EA 75 01 95 02 81 42 95 06 81 01 C0";

/** A descriptor as the browser tells it: its short items, for one level of collections. */
function collections(text: string): HidCollection[] {
  const bytes = text.trim().split(/\s+/).map((byte) => parseInt(byte, 16));
  const made: HidCollection[] = [];
  let page = 0, size = 0, count = 0, id = 0;
  let usages: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = bytes[at] ?? 0;
    const length = [0, 1, 2, 4][head & 3] ?? 0;
    const value = bytes.slice(at + 1, at + 1 + length).reduce((sum, byte, place) => sum + byte * 2 ** (8 * place), 0);
    at += 1 + length;
    const add = (way: "inputReports" | "outputReports"): void => {
      const reports: HidReport[] = (made.at(-1)![way] ??= []);
      let report = reports.find((each) => each.reportId === id);
      if (report === undefined) reports.push((report = { reportId: id, items: [] }));
      // "Constant" with usages is a mistake of the maker's that the browser passes on as it is.
      const item: HidItem = { usages, isConstant: (value & 1) === 1, isArray: (value & 2) === 0, isAbsolute: (value & 4) === 0 };
      report.items!.push({ ...item, reportSize: size, reportCount: count });
      usages = [];
    };
    switch (head & 0xfc) {
      case 0x04: page = value; break;
      case 0x08: usages = [...usages, page * 65_536 + value]; break;
      case 0x74: size = value; break;
      case 0x94: count = value; break;
      case 0x84: id = value; break;
      case 0xa0: made.push({ usagePage: page }); usages = []; break;
      case 0x80: add("inputReports"); break;
      case 0x90: add("outputReports"); break;
    }
  }
  return made;
}

class FakeHeadset extends EventTarget implements HidDevice {
  productName = "fake";
  opened = true;
  readonly collections: HidCollection[];
  readonly lights: [number, number[]][] = [];
  unplugged = false;

  constructor(descriptor: string) {
    super();
    this.collections = collections(descriptor);
  }
  async open(): Promise<void> {}
  async close(): Promise<void> {}
  async sendReport(report: number, data: Uint8Array): Promise<void> {
    if (this.unplugged) throw new DOMException("gone", "NetworkError");
    this.lights.push([report, [...data]]);
  }
  says(reportId: number, ...bytes: number[]): void {
    const data = new DataView(new Uint8Array(bytes).buffer);
    this.dispatchEvent(Object.assign(new Event("inputreport"), { reportId, data }));
  }
}

const CALL = { ringing: false, talking: false, muted: false };

function plugged(descriptor: string) {
  const device = new FakeHeadset(descriptor);
  const acts = { answer: vi.fn(), hangUp: vi.fn(), mute: vi.fn() };
  return { device, acts, buttons: new Buttons(device, acts) };
}

describe("a headset with a report for each light", () => {
  it("answers off hook, mutes by presses, hangs up on hook", async () => {
    const { device, acts, buttons } = plugged(BLACKWIRE);
    await buttons.show({ ...CALL, ringing: true });
    expect(device.lights).toEqual([[0x18, [1]]]);
    device.says(0x08, 0b010);
    expect(acts.answer).toHaveBeenCalledOnce();

    await buttons.show({ ...CALL, talking: true });
    expect(device.lights.slice(1)).toEqual([[0x17, [1]], [0x18, [0]]]);
    let muted = false;
    acts.mute.mockImplementation(() => void buttons.show({ ...CALL, talking: true, muted: (muted = !muted) })); // as the page
    device.says(0x08, 0b011);
    device.says(0x08, 0b010); // let go
    expect(acts.mute).toHaveBeenCalledOnce();
    expect(device.lights.at(-1)).toEqual([0x09, [1]]);
    device.says(0x08, 0b011);
    expect(acts.mute).toHaveBeenCalledTimes(2);
    expect(acts.hangUp).not.toHaveBeenCalled();

    device.says(0x08, 0b000);
    expect(acts.hangUp).toHaveBeenCalledOnce();
    expect(device.lights.at(-1)).toEqual([0x09, [0]]);
    await buttons.show(CALL);
    expect(device.lights.at(-1)).toEqual([0x17, [0]]);
  });

  it("answered at the page: what the headset says back is no press", async () => {
    const { device, acts, buttons } = plugged(BLACKWIRE);
    await buttons.show({ ...CALL, ringing: true });
    await buttons.show({ ...CALL, talking: true });
    device.says(0x08, 0b010);
    await buttons.show(CALL);
    device.says(0x08, 0b000);
    expect([acts.answer, acts.hangUp, acts.mute].some((act) => act.mock.calls.length)).toBe(false);
  });

  it("one that says nothing back is not hung up by its mute button", async () => {
    const { device, acts, buttons } = plugged(BLACKWIRE);
    await buttons.show({ ...CALL, talking: true });
    device.says(0x08, 0b001);
    expect(acts.mute).toHaveBeenCalledOnce();
    expect(acts.hangUp).not.toHaveBeenCalled();
  });

  it("without a call its buttons do nothing; stopped, neither, and its lights are out", async () => {
    const { device, acts, buttons } = plugged(BLACKWIRE);
    device.says(0x08, 0b011);
    device.says(0x08, 0b000);
    await buttons.show({ ...CALL, ringing: true });
    await buttons.stop();
    expect(device.lights.at(-1)).toEqual([0x18, [0]]);
    device.says(0x08, 0b010);
    expect([acts.answer, acts.hangUp, acts.mute].some((act) => act.mock.calls.length)).toBe(false);
  });
});

describe("what a headset believes after a press of which nothing came", () => {
  it("an open line stays when its caller is hung up: the headset is told that it is off hook", async () => {
    const { device, acts, buttons } = plugged(BLACKWIRE);
    await buttons.show({ ...CALL, talking: true });
    device.says(0x08, 0b010);
    device.says(0x08, 0b000);
    expect(acts.hangUp).toHaveBeenCalledOnce();
    device.lights.length = 0;
    await buttons.again();
    expect(device.lights).toContainEqual([0x17, [1]]);
  });

  it("muted without a talk: its light goes out again, so that the next caller is not met by silence", async () => {
    const { device, acts, buttons } = plugged(BLACKWIRE);
    await buttons.show(CALL);
    device.says(0x08, 0b001);
    await vi.waitFor(() => expect(device.lights).toContainEqual([0x09, [0]]));
    expect(acts.mute).not.toHaveBeenCalled();
  });

  it("off hook without a call: it is put back", async () => {
    const { device, acts } = plugged(BLACKWIRE);
    device.says(0x08, 0b010);
    await vi.waitFor(() => expect(device.lights).toContainEqual([0x17, [0]]));
    expect(acts.answer).not.toHaveBeenCalled();
  });
});

it("lights are those of the last word, also when a report before took long", async () => {
  const { device, buttons } = plugged(BLACKWIRE);
  const first = buttons.show({ ringing: true, talking: true, muted: true });
  await buttons.show(CALL);
  await first;
  const last = new Map(device.lights.map(([report, data]) => [report, data[0]]));
  expect([...last.values()].every((lit) => lit === 0)).toBe(true);
});

it("unplugged in the middle of a report: nothing is lost, and it is told again", async () => {
  const { device, buttons } = plugged(BLACKWIRE);
  device.unplugged = true;
  await buttons.show({ ...CALL, ringing: true });
  device.unplugged = false;
  await buttons.show({ ...CALL, ringing: true });
  expect(device.lights).toEqual([[0x18, [1]]]);
});

it("usages told as a range are found, too", () => {
  const device = new FakeHeadset("");
  const item = { isRange: true, usageMinimum: 0x0b001f, usageMaximum: 0x0b0021, isAbsolute: true, reportSize: 1, reportCount: 3 };
  device.collections.push({ usagePage: 0x0b, inputReports: [{ reportId: 1, items: [item] }] });
  const acts = { answer: vi.fn(), hangUp: vi.fn(), mute: vi.fn() };
  void new Buttons(device, acts).show({ ...CALL, ringing: true });
  device.says(1, 0b010);
  expect(acts.answer).toHaveBeenCalledOnce();
});

describe("a headset with all lights in one report", () => {
  it("is told all of them at once", async () => {
    const { device, buttons } = plugged(POWERCONF);
    await buttons.show({ ...CALL, ringing: true });
    await buttons.show({ ...CALL, talking: true, muted: true });
    await buttons.show({ ...CALL, talking: true, muted: true });
    expect(device.lights).toEqual([[2, [0b100]], [2, [0b011]]]);
  });

  it("has buttons although its maker calls them constant", () => {
    const { device, acts, buttons } = plugged(POWERCONF);
    expect(hasButtons(device)).toBe(true);
    void buttons.show({ ...CALL, ringing: true });
    device.says(1, 0b1); // a volume key
    expect(acts.answer).not.toHaveBeenCalled();
    device.says(2, 0b1);
    expect(acts.answer).toHaveBeenCalledOnce();
  });
});

it("volume keys alone are no headset of ours", () => {
  expect(hasButtons(new FakeHeadset(VOLUME_KEYS))).toBe(false);
});
