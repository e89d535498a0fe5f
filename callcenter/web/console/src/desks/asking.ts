/** What the pages of every desk ask the service for, and what a refusal says. */
import { ask, Away, Refused, type Schemas } from "../api/client";
import { said } from "../api/trouble";
import { session } from "../session.svelte";
import { words } from "../words/index.svelte";
import { say } from "./words";

export type Unit = Schemas["UnitView"];

/** The sentence for a request that was refused: the desk's own for its code or one of its faults, or
 *  the service's. Anything else is thrown again. */
export function sentence(error: unknown, w: { why: Record<string, string> }): string {
  if (error instanceof Away) return words.now.error.away;
  if (!(error instanceof Refused)) throw error;
  if (error.status === 401) void session.look();
  const code = [...error.faults, error.code].find((each) => each in w.why);
  return code === undefined ? said(error) : w.why[code]!;
}

/** The service's own name of an office. */
async function unitNamed(id: string): Promise<Unit | undefined> {
  const { units } = await ask<Schemas["UnitList"]>("GET", `/units?${new URLSearchParams({ text: id, limit: "1" })}`);
  return units[0];
}

/** The roles that a person has at desks. */
export async function ownRoles(): Promise<Set<string>> {
  const { grants } = await ask<Schemas["GrantList"]>("GET", "/me/grants");
  return new Set<string>(grants.map(({ role }) => role));
}

/** The offices that a person's grants name, for each of the roles. */
export async function ownUnits(...roles: string[]): Promise<Unit[]> {
  const { grants } = await ask<Schemas["GrantList"]>("GET", "/me/grants");
  const ids = new Set(grants.filter(({ role }) => roles.includes(role)).map(({ unit }) => unit));
  const found = await Promise.all([...ids].map(unitNamed));
  return found.filter((unit) => unit !== undefined);
}

/** Where a field finds what somebody means. `asTyped`: the text itself is what counts, and `exact`
 *  says that it names just one. */
export interface Source {
  asTyped: boolean;
  offers: (text: string) => Promise<{ exact: boolean; offered: { value: string; written: string }[] }>;
  help: () => string;
  choose: () => string;
  unknown: () => string;
}

export const UNITS: Source = {
  asTyped: false,
  async offers(text) {
    const { units } = await ask<Schemas["UnitList"]>("GET", `/units?${new URLSearchParams({ text, limit: "20" })}`);
    return { exact: false, offered: units.map(({ unit, name_th }) => ({ value: unit, written: name_th })) };
  },
  help: () => say.now.unitHelp,
  choose: () => say.now.unitChoose,
  unknown: () => say.now.unitUnknown,
};

/** Down to the sub-district. */
export const AREAS: Source = {
  asTyped: true,
  async offers(text) {
    const { exact, areas } = await ask<Schemas["AreaList"]>("GET", `/areas?${new URLSearchParams({ text })}`);
    return { exact, offered: areas.map(({ written }) => ({ value: written, written })) };
  },
  help: () => "",
  choose: () => say.now.areaChoose,
  unknown: () => say.now.areaUnknown,
};
