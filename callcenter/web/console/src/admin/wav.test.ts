import { expect, test } from "vitest";
import { wav } from "./wav";

test("a sound is a WAV file of its samples", async () => {
  const file = wav(new Float32Array([0, 1, -1, 2, 0.5]), 48_000);
  const view = new DataView(await file.arrayBuffer());
  const text = (at: number): string => String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
  expect([text(0), text(8), text(36)]).toEqual(["RIFF", "WAVE", "data"]);
  expect(view.getUint32(24, true)).toBe(48_000);
  expect(view.getUint32(40, true)).toBe(10);
  const samples = [0, 1, 2, 3, 4].map((i) => view.getInt16(44 + 2 * i, true));
  expect(samples).toEqual([0, 32767, -32767, 32767, 16384]); // louder than loud is loud
});
