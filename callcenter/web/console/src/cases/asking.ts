/** What the pages of cases ask the service for. */
import { ask, type Schemas } from "../api/client";

export type Case = Schemas["CaseView"];
export type Hop = Schemas["HopView"];
export type Clock = Schemas["ClockView"];
export type Line = Schemas["CaseLineView"];
export type Person = Schemas["PersonView"];
export type Holder = Schemas["AgeingView"];

/** What a search box holds: the number of a case, or a phone. */
export async function search(text: string, isPhone: boolean): Promise<Line[]> {
  const body = isPhone ? { phone: text } : { number: text };
  return (await ask<Schemas["CaseList"]>("POST", "/case-search", body)).cases;
}
