/** Which parked calls an operator sees, and in which order. */
import type { QueueView, Schemas } from "../api/client";

export type ParkedCall = Schemas["ParkedCall"];
interface Timed {
  view: Pick<QueueView, "queue" | "parked">;
  at: number;
}

/** Of the operator's own queues, and what they parked themself; their own first, then by place. */
export function theirs(
  told: readonly Timed[],
  operator: string,
  queues: readonly string[],
): readonly { call: ParkedCall; at: number }[] {
  return told
    .flatMap(({ view, at }) => view.parked.map((call) => ({ call, at, own: queues.includes(view.queue) })))
    .filter(({ call, own }) => own || call.operator === operator)
    .sort((a, b) => Number(b.call.operator === operator) - Number(a.call.operator === operator) || a.call.place - b.call.place)
    .map(({ call, at }) => ({ call, at }));
}

/** A place as it is said: 01 to 20. */
export const placed = (place: number): string => String(place).padStart(2, "0");
