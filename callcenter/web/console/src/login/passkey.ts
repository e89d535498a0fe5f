/** Passkeys by the browser (WebAuthn), in the form that the service's API has: bytes as base64url. */
import type { Schemas } from "../api/client";

/** Whether this browser, at this address, can have passkeys: they belong to a host's name, never to a number. */
export function passkeysHere(host: string = location.hostname, has: boolean = "PublicKeyCredential" in window): boolean {
  return has && !/^[0-9.]+$/.test(host) && !host.startsWith("[");
}

/** Make a new passkey. Raises a DOMException if the person or the device does not want to. */
export async function makePasskey(offer: Schemas["PasskeyOffer"]): Promise<Omit<Schemas["NewPasskey"], "name">> {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytesOf(offer.challenge),
      rp: { id: offer.host, name: "Call centre" },
      user: { id: bytesOf(offer.user), name: offer.account, displayName: offer.account },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: offer.present.map(described),
      authenticatorSelection: { residentKey: "discouraged", userVerification: "preferred" },
      attestation: "none",
    },
  });
  const credential = made as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    id: textOf(credential.rawId),
    client_data: textOf(response.clientDataJSON),
    attestation: textOf(response.attestationObject),
  };
}

/** Answer a challenge with a passkey. Raises a DOMException if the person or the device does not want to. */
export async function usePasskey(asked: Schemas["PasskeyChallenge"]): Promise<Schemas["PasskeyAnswer"]> {
  const got = await navigator.credentials.get({
    publicKey: {
      challenge: bytesOf(asked.challenge),
      rpId: asked.host,
      allowCredentials: asked.passkeys.map(described),
      userVerification: "preferred",
    },
  });
  const credential = got as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    id: textOf(credential.rawId),
    client_data: textOf(response.clientDataJSON),
    authenticator_data: textOf(response.authenticatorData),
    signature: textOf(response.signature),
  };
}

function described(id: string): PublicKeyCredentialDescriptor {
  return { type: "public-key", id: bytesOf(id) };
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

export function textOf(bytes: ArrayBuffer | Uint8Array): string {
  const letters = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
