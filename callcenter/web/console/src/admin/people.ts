/** People as the administration shows them: accounts and operators' cards of the same name are one. */
import type { Schemas } from "../api/client";

export type Account = Schemas["AccountView"];
export type Card = Schemas["CardView"];
export const ROLES = ["officer", "operator", "supervisor", "administrator"] as const;
export type Role = (typeof ROLES)[number];

export interface Person {
  id: string;
  name: string; // as people say it; the id where nothing else is known
  account: Account | null;
  card: Card | null;
}

/** One list of both, by id. */
export function people(accounts: readonly Account[], cards: readonly Card[]): Person[] {
  const ids = new Set([...accounts.map((each) => each.name), ...cards.map((each) => each.operator)]);
  return [...ids].sort().map((id) => {
    const card = cards.find((each) => each.operator === id) ?? null;
    return { id, name: card?.name ?? id, account: accounts.find((each) => each.name === id) ?? null, card };
  });
}

/** Whether a person is one of those that are looked for. */
export function matches(person: Person, text: string): boolean {
  const all = [person.id, person.name, person.account?.role ?? "", ...(person.card?.queues ?? [])];
  return all.join(" ").toLowerCase().includes(text.trim().toLowerCase());
}
