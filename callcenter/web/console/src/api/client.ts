/** Requests to the service's API, with the types of its own document (schema.d.ts, made by the build). */
import type { components } from "./schema";

export type Schemas = components["schemas"];
export type Me = Schemas["Me"];
export type OperatorView = Schemas["OperatorView"];
export type QueueView = Schemas["QueueView"];
export type WaitingCalls = Schemas["WaitingCalls"];

/** A request that was refused. `code` is stable; `detail` is a sentence for the person. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retrySeconds: number,
    readonly faults: readonly string[] = [],
  ) {
    super(detail);
  }
}

/** The service cannot be reached. */
export class Away extends Error {}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One request below /api/v1. Raises Refused and Away. */
export async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw new Away();
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  throw await refusal(answer);
}

async function refusal(answer: Response): Promise<Refused> {
  const retry = Number(answer.headers.get("Retry-After") ?? "0");
  return refusalOf(answer.status, await answer.text().catch(() => ""), retry);
}

/** What an answer that is no success says. */
export function refusalOf(status: number, body: string, retry: number): Refused {
  try {
    const problem = JSON.parse(body) as Schemas["ProblemBody"];
    const faults = problem.faults?.length ? ` ${problem.faults.join("; ")}` : "";
    return new Refused(status, problem.code, problem.detail + faults, retry, problem.faults ?? []);
  } catch {
    return new Refused(status, "unreadable", `HTTP ${status}`, retry);
  }
}
