/** The headset whose buttons the page obeys: chosen once, remembered by the browser, found again when
 *  it is plugged in. */
import { Buttons, hasButtons, TELEPHONY, type Acts, type Call } from "./headset";
import { hid, type HidDevice } from "./webhid";

let name = $state("");
let refused = $state(false);
let device: HidDevice | null = null;
let buttons: Buttons | null = null;
let acts: Acts | null = null;
let call: Call = { ringing: false, talking: false, muted: false };

export const headset = {
  /** Whether this browser lets pages hear a headset's buttons. */
  get possible(): boolean {
    return hid() !== null;
  },
  /** What it is called; "": none is used. */
  get name(): string {
    return name;
  },

  /** Whether the one that was chosen could not be opened: another program holds it. */
  get refused(): boolean {
    return refused;
  },

  /** From the start of the page on: the headset that was chosen before. */
  async begin(does: Acts): Promise<void> {
    if (acts !== null) return;
    acts = does;
    const found = hid();
    found?.addEventListener("connect", () => void look());
    found?.addEventListener("disconnect", (event) => {
      if ((event as Event & { device?: HidDevice }).device !== device) return;
      lost();
      void look(); // another one that was chosen before
    });
    await look();
  },

  /** After a click: the browser asks its person which one. None chosen: nothing changes. */
  async choose(): Promise<void> {
    refused = false;
    try {
      const chosen = (await hid()?.requestDevice({ filters: [{ usagePage: TELEPHONY }] })) ?? [];
      const one = chosen.find(hasButtons);
      if (one !== undefined) await use(one);
      else refused = chosen.length > 0;
    } catch (error) {
      gone(error);
      refused = true;
    }
  },

  /** Its buttons are not used any more, and the browser forgets that they may be. */
  async forget(): Promise<void> {
    const old = device;
    await buttons?.stop();
    lost();
    await old?.close().catch(gone);
    await old?.forget?.().catch(gone);
  },

  /** Lights as the call is now. */
  show(now: Call): void {
    call = now;
    void buttons?.show(now);
  },

  /** A press of "on hook" has been dealt with. If the talk goes on, the headset is told so. */
  settle(): void {
    void buttons?.again();
  },
};

async function look(): Promise<void> {
  if (device !== null) return;
  try {
    const one = (await hid()?.getDevices())?.find(hasButtons);
    if (one !== undefined) await use(one);
  } catch (error) {
    gone(error);
  }
}

async function use(one: HidDevice): Promise<void> {
  if (one === device || acts === null) return;
  if (!one.opened) await one.open();
  await buttons?.stop();
  device = one;
  name = one.productName;
  refused = false;
  buttons = new Buttons(one, acts);
  await buttons.show(call);
}

function lost(): void {
  device = null;
  buttons = null;
  name = "";
}

/** It was unplugged a moment before, or another program holds it, or this page may not: no fault of ours. */
function gone(error: unknown): void {
  if (!(error instanceof DOMException)) throw error;
}
