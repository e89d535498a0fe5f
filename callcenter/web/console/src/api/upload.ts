/** Sends a file as it is. */
import { Away, refusalOf } from "./client";

/** A request below /api/v1 with a file as its body. Raises Refused and Away. */
export async function sentFile<T>(method: "POST" | "PUT", path: string, file: Blob): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      headers: { "Content-Type": "application/octet-stream" },
      body: file,
    });
  } catch {
    throw new Away();
  }
  if (answer.ok) return (await answer.json()) as T;
  const retry = Number(answer.headers.get("Retry-After") ?? "0");
  throw refusalOf(answer.status, await answer.text().catch(() => ""), retry);
}
