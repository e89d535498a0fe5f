/** What a case begins with that is made beside a call. */
import type { Schemas } from "../api/client";

type Note = Pick<Schemas["CallNoteView"], "kind" | "topic" | "note">;
type Known = Pick<Schemas["CallArea"], "area_written" | "known_from">;
type Chosen = Pick<Schemas["CallCard"], "kind" | "topic">;
export interface Start {
  type: string;
  topic: string;
  facts: string;
  area: string; // as it is written, or nothing
  areaFrom: "menu" | "number" | null;
}

/** What the operator has written counts; where that says nothing, what the caller chose in the menu. */
export function startOf(note: Note | null, chosen: Chosen | null, known: Known | null = null): Start {
  const kind = note === null || note.kind === "undisposed" ? "" : note.kind;
  return {
    type: kind || chosen?.kind || (note === null ? "complaint" : note.kind),
    topic: note?.topic.trim() || chosen?.topic || "",
    facts: note?.note ?? "",
    area: known?.area_written ?? "",
    areaFrom: known?.known_from ?? null,
  };
}
