/** Sends a file and tells how much of it has gone: `fetch` cannot. */
import { Away, refusalOf } from "../api/client";

/** A PUT below /api/v1. `told` gets the part that has gone, 0 to 1. Raises Refused and Away. */
export function sendFile(path: string, file: Blob, told: (part: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/v1${path}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => told(event.total > 0 ? event.loaded / event.total : 0);
    request.onerror = () => reject(new Away());
    request.onload = () => {
      if (request.status < 300) return resolve();
      const retry = Number(request.getResponseHeader("Retry-After") ?? "0");
      reject(refusalOf(request.status, request.responseText, retry));
    };
    request.send(file);
  });
}
