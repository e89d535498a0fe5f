/** Microphone, speaker and the sound of ringing. An open microphone lets a page make sound without a
 *  click before (Chromium), so that also the first ring of the day is heard. */
import { chosen } from "./settings.svelte";

export interface Device {
  id: string;
  label: string;
}

/** What may become of the microphone. */
export interface Watcher {
  lost: () => void; // it was unplugged
  forbidden: () => void; // this page may not use it any more
  there: () => void; // another one was plugged in, or it is allowed again
}

const RING = { hertz: [440, 480], on: 1.6, every: 3.2, loud: 0.25 } as const;
const LEVEL_MS = 100;

let context: AudioContext | null = null;
let microphone: MediaStream | null = null;
let meter: AnalyserNode | null = null;
let ringing: ReturnType<typeof setInterval> | null = null;
let allowed = true; // as far as is known: some browsers do not say
let told: Watcher = { lost: () => undefined, forbidden: () => undefined, there: () => undefined };

let level = $state(0);
let unlocked = $state(false);
let microphones = $state.raw<Device[]>([]);
let speakers = $state.raw<Device[]>([]);

const player = new Audio();
player.autoplay = true;

export const sound = {
  /** 0 to 1: how loud the microphone is. */
  get level(): number {
    return level;
  },
  /** Whether this page may be heard. */
  get unlocked(): boolean {
    return unlocked;
  },
  get microphones(): readonly Device[] {
    return microphones;
  },
  get speakers(): readonly Device[] {
    return speakers;
  },
  get track(): MediaStreamTrack | null {
    return microphone?.getAudioTracks()[0] ?? null;
  },
  get stream(): MediaStream | null {
    return microphone;
  },

  /** Whether the chosen microphone is there, and another one is open. */
  get mayBeBetter(): boolean {
    const open = this.track?.getSettings().deviceId;
    return open !== chosen.now.microphone && microphones.some((each) => each.id === chosen.now.microphone);
  },

  watch(watcher: Watcher): void {
    told = watcher;
  },

  /** Open the chosen microphone, or the usual one when that is not there. */
  async open(): Promise<"" | "refused" | "no_device"> {
    const before = microphone;
    try {
      microphone = await take(chosen.now.microphone);
    } catch (error) {
      microphone = before?.active ? before : null;
      return error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "no_device";
    }
    before?.getTracks().forEach((track) => track.stop());
    listen(microphone);
    await list();
    return "";
  },

  close(): void {
    microphone?.getTracks().forEach((track) => track.stop());
    microphone = meter = null;
    level = 0;
    this.hush();
    player.srcObject = null;
  },

  /** What the far end says. */
  play(stream: MediaStream | null): void {
    player.srcObject = stream;
    if (stream !== null) void player.play().catch(() => (unlocked = false));
  },

  /** All sound to the chosen speaker; the usual one when that is not there. */
  async useSpeaker(): Promise<void> {
    const id = speakers.some((each) => each.id === chosen.now.speaker) ? chosen.now.speaker : "";
    for (const place of [player, context]) {
      try {
        await (place as { setSinkId?: (id: string) => Promise<void> } | null)?.setSinkId?.(id);
      } catch {
        // the device went away in this moment: the browser plays at the usual one
      }
    }
  },

  ring(): void {
    this.hush();
    tone(RING.on);
    ringing = setInterval(() => tone(RING.on), RING.every * 1_000);
  },
  hush(): void {
    if (ringing !== null) clearInterval(ringing);
    ringing = null;
    playing.forEach((each) => each.stop());
  },
  /** Once, where this page may be heard: somebody needs its person. */
  alarm(): void {
    context ??= new AudioContext();
    void context.resume().then(() => tone(0.3));
  },
  /** A short one: is the speaker the right one? */
  test(): void {
    this.unlock();
    tone(0.6);
  },
  /** After a click, where no microphone could unlock it. */
  unlock(): void {
    void context?.resume().then(() => (unlocked = context?.state === "running"));
  },
};

const playing = new Set<OscillatorNode>();

function tone(seconds: number): void {
  const at = context;
  if (at === null) return;
  const loud = at.createGain();
  loud.gain.value = RING.loud;
  loud.connect(at.destination);
  for (const hertz of RING.hertz) {
    const voice = at.createOscillator();
    voice.frequency.value = hertz;
    voice.connect(loud);
    voice.onended = () => playing.delete(voice);
    playing.add(voice);
    voice.start();
    voice.stop(at.currentTime + seconds);
  }
}

async function take(id: string): Promise<MediaStream> {
  const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  if (id === "") return navigator.mediaDevices.getUserMedia({ audio: wanted });
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { ...wanted, deviceId: { exact: id } } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotAllowedError") throw error;
    return navigator.mediaDevices.getUserMedia({ audio: wanted });
  }
}

function listen(stream: MediaStream): void {
  stream.getAudioTracks()[0]?.addEventListener("ended", () => (allowed ? told.lost() : told.forbidden()));
  context ??= new AudioContext();
  sound.unlock();
  meter = context.createAnalyser();
  meter.fftSize = 512;
  context.createMediaStreamSource(stream).connect(meter);
}

setInterval(() => {
  if (meter === null) return;
  const wave = new Float32Array(meter.fftSize);
  meter.getFloatTimeDomainData(wave);
  const loudness = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
  // -60 dB is nothing, -10 dB is loud.
  level = Math.min(1, Math.max(0, (20 * Math.log10(loudness + 1e-9) + 60) / 50));
}, LEVEL_MS);

async function list(): Promise<void> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind): Device[] =>
    all
      .filter((each) => each.kind === kind && each.deviceId !== "default" && each.deviceId !== "communications")
      .map((each, at) => ({ id: each.deviceId, label: each.label || `${at + 1}` }));
  microphones = of("audioinput");
  speakers = of("audiooutput");
  await sound.useSpeaker();
}

navigator.mediaDevices?.addEventListener("devicechange", () => {
  const before = microphones.length;
  void list().then(() => microphones.length > before && told.there());
});

async function watchPermission(): Promise<void> {
  const name = "microphone" as PermissionName; // not every browser knows it
  const permission = await navigator.permissions.query({ name }).catch(() => null);
  permission?.addEventListener("change", () => {
    allowed = permission.state === "granted";
    if (microphone !== null && !allowed) told.forbidden();
    else if (allowed) told.there();
  });
}
void watchPermission();
