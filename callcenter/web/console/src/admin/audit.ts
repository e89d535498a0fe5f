/** What is asked of the audit, as the address of a request. */
export interface AuditWish {
  who: string;
  action: string;
  about: string;
  from: string; // the first day that is shown, 2026-11-29, as the person's clock has it
  to: string; // the last one
}

export function auditQuery(wish: AuditWish, limit: number, before?: number): URLSearchParams {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const key of ["who", "action", "about"] as const) {
    if (wish[key].trim() !== "") query.set(key, wish[key].trim());
  }
  if (wish.from !== "") query.set("since", beginOf(wish.from));
  if (wish.to !== "") query.set("until", beginOf(wish.to, 1));
  if (before !== undefined) query.set("before", String(before));
  return query;
}

/** When a day begins here (or one `later` days after it), in UTC. */
function beginOf(day: string, later = 0): string {
  const begin = new Date(`${day}T00:00:00`);
  begin.setDate(begin.getDate() + later);
  return begin.toISOString();
}
