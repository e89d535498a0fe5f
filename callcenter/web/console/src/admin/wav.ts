/** A sound as a WAV file: mono, 16 bits, what the service takes without another program. */
export function wav(samples: Float32Array, rate: number): Blob {
  const bytes = new ArrayBuffer(44 + samples.length * 2);
  const view = new DataView(bytes);
  const word = (at: number, text: string): void =>
    [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, bytes.byteLength - 8, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => view.setInt16(44 + i * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true));
  return new Blob([bytes], { type: "audio/wav" });
}

/** Records from the microphone until `stop` is called. Raises what the browser says of the microphone. */
export async function record(): Promise<{ stop: () => Promise<Blob> }> {
  const microphone = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: true, autoGainControl: false },
  });
  const recorder = new MediaRecorder(microphone);
  const parts: Blob[] = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const over = new Promise<void>((ended) => (recorder.onstop = () => ended()));
  recorder.start();
  return {
    async stop(): Promise<Blob> {
      recorder.stop();
      await over;
      microphone.getTracks().forEach((track) => track.stop());
      const context = new AudioContext();
      try {
        const sound = await context.decodeAudioData(await new Blob(parts).arrayBuffer());
        return wav(sound.getChannelData(0), sound.sampleRate);
      } finally {
        await context.close();
      }
    },
  };
}
