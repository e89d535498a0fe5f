import { expect, test } from "vitest";
import { bytesOf, passkeysHere, textOf } from "./passkey";

test("bytes become base64url without padding, and come back", () => {
  for (const bytes of [[], [0], [251, 255], [255, 254, 253, 252], Array.from({ length: 70 }, (_, n) => (n * 37) % 256)]) {
    const text = textOf(Uint8Array.from(bytes));
    expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
    expect([...bytesOf(text)]).toEqual(bytes);
  }
  expect(textOf(Uint8Array.from([251, 255]))).toBe("-_8");
});

test("a passkey needs a browser that knows them, and a name instead of a number", () => {
  expect(passkeysHere("hotline.example.go.th", true)).toBe(true);
  expect(passkeysHere("localhost", true)).toBe(true);
  expect(passkeysHere("hotline.example.go.th", false)).toBe(false);
  expect(passkeysHere("127.0.0.1", true)).toBe(false);
  expect(passkeysHere("[::1]", true)).toBe(false);
});
