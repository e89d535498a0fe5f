"""What the browser's microphone hears, and an ear at what the far end of its call sends."""

import math
import wave
from array import array
from pathlib import Path

RATE_HERTZ = 48_000

EAR = """
{
  const devices = navigator.mediaDevices;
  if (devices) {
    // A steady tone is noise to Chromium: it would be suppressed.
    const ask = devices.getUserMedia.bind(devices);
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const gone = new Set();
    const opened = [];
    devices.getUserMedia = async (wanted) => {
      if (gone.has(wanted.audio?.deviceId?.exact)) throw new OverconstrainedError("deviceId");
      const stream = await ask({ audio: { ...wanted.audio, ...plain } });
      opened.push(...stream.getAudioTracks());
      return stream;
    };
    const all = devices.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () => (await all()).filter((one) => !gone.has(one.deviceId));
    const named = async (label) => (await all()).find((one) => one.label === label).deviceId;
    const live = () => opened.filter((one) => one.readyState === "live");
    window.listening = () => live().map((one) => one.label);
    window.unplug = async (label) => {
      const id = await named(label);
      gone.add(id);
      for (const one of live())
        if (one.getSettings().deviceId === id) {
          one.stop();
          one.dispatchEvent(new Event("ended"));
        }
      devices.dispatchEvent(new Event("devicechange"));
    };
    window.plugIn = async (label) => {
      gone.delete(await named(label));
      devices.dispatchEvent(new Event("devicechange"));
    };
  }
  let ear = null;
  let context = null;
  window.rung = 0; // sounds that this page really made
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) {
    window.rung += this.context.state === "running" ? 1 : 0;
    return start.apply(this, at);
  };
  const Connection = RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Connection {
    constructor(...how) {
      super(...how);
      window.connections.push(this);
      this.addEventListener("track", (event) => {
        context ??= new AudioContext(); // one for all: after some fifty of them Chromium is deaf
        ear = context.createAnalyser();
        ear.fftSize = 4096;
        ear.smoothingTimeConstant = 0;
        context.createMediaStreamSource(new MediaStream([event.track])).connect(ear);
      });
    }
  };
  // How loud a tone is, in dB; the neighbours count, too.
  window.loudness = (hertz) => {
    if (ear === null) return -200;
    const loud = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(loud);
    const at = Math.round((hertz * ear.fftSize) / ear.context.sampleRate);
    return Math.max(...loud.slice(at - 1, at + 2));
  };
  // The loudest tone in Hz, 0 for silence.
  window.hearing = () => {
    if (ear === null) return 0;
    const loud = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(loud);
    const at = loud.indexOf(Math.max(...loud));
    return loud[at] < -60 ? 0 : Math.round((at * ear.context.sampleRate) / ear.fftSize);
  };
}
"""
"""Runs before the page's own scripts; `hearing()` is for Screen.hears. `unplug`, `plugIn` do what
Chromium does when a microphone of that name goes and comes; `listening()` names the open ones."""


def tone_file(path: Path, hertz: int) -> Path:
    """A second of a tone; Chromium plays it again and again."""
    turn = 2 * math.pi * hertz / RATE_HERTZ
    samples = array("h", (round(8000 * math.sin(turn * i)) for i in range(RATE_HERTZ)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HERTZ)
        file.writeframes(samples.tobytes())
    return path
