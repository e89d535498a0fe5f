/** What the pages of reports ask the service for. */
import { Refused, type Schemas } from "../api/client";
import { sentence } from "../desks/asking";
import { digits } from "../desks/show";
import { words } from "../words/index.svelte";
import { namedFaults, SIGNED } from "./form";
import { say, type ReportWords } from "./words";

export type Round = Schemas["RoundView"];
export type Tile = Schemas["Tile"];
export type Report = Schemas["ReportView"];
export type Edition = Schemas["EditionView"];
export type Mail = Schemas["MailView"];
export type Revision = Schemas["RevisionView"];

export const EDITORS = ["supervisor", "province_admin"];

/** The sentence for a request that was refused; with the names of the fields it is about. */
export function refusal(error: unknown): string {
  const w = say.now;
  if (error instanceof Refused && error.faults.length > 0) {
    const before = { adds_up: w.addsUp, form_incomplete: w.incomplete, why_needed: w.whyNeeded, number_fault: w.whole }[error.code];
    if (before !== undefined) return `${before} ${digits(namedFaults(error.faults, namesOf(w)), words.language)}`;
  }
  return sentence(error, { why: w.whyNot });
}

/** What is wrong with a form that came in by mail, in words. */
export function mailDetails(details: readonly string[]): string {
  const w = say.now;
  return digits(namedFaults(details, { ...namesOf(w), ...w.mailDetails, ...w.reportStates }), words.language);
}

/** As the service calls them; those of admission with their group, for outside of it they say nothing. */
function namesOf(w: ReportWords): Record<string, string> {
  const fields = Object.entries(w.fields).map(([field, name]) => [
    field,
    field.startsWith("admission_") ? `${w.sections["admission"]}: ${name}` : name,
  ]);
  const texts = Object.entries(w.sections).map(([section, name]) => [`text.${section}`, name]);
  const signed = SIGNED.map((each) => [`signed.${each}`, w.signedFields[each] ?? each]);
  return Object.fromEntries([...fields, ...texts, ...signed]);
}
