/** Numbers, moments and deadlines as offices write them: in Thai with Thai digits and Buddhist years,
 *  always in Bangkok's time, whatever the device is set to. */
import type { Language } from "../words/index.svelte";

/** How lengths are called, in one language. */
export interface Lengths {
  day: string;
  hour: string;
  minute: string;
}
export interface LeftWords {
  hoursLeft: (many: string) => string;
  daysLeft: (many: string) => string;
  hoursLate: (many: string) => string;
  daysLate: (many: string) => string;
}

const THAI = "๐๑๒๓๔๕๖๗๘๙";
const MONTHS = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."];
const BUDDHIST_YEARS = 543;
const BANGKOK_MS = 7 * 3_600_000;
const ENGLISH = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** 12 -> ๑๒ in Thai; everything else stays. */
export function digits(text: string | number, language: Language): string {
  const plain = String(text);
  return language === "th" ? plain.replace(/[0-9]/g, (digit) => THAI[Number(digit)]!) : plain;
}

/** Thai digits as Arabic ones. */
export function arabic(text: string): string {
  return text.replace(/[๐-๙]/g, (digit) => String(THAI.indexOf(digit)));
}

/** ๑๗ ส.ค. ๒๕๖๔ ๐๙.๐๐ น. · 17 Aug 2021, 09:00 */
export function moment(iso: string, language: Language): string {
  const there = new Date(Date.parse(iso) + BANGKOK_MS); // its UTC fields are Bangkok's
  const hour = String(there.getUTCHours()).padStart(2, "0");
  const minute = String(there.getUTCMinutes()).padStart(2, "0");
  if (language === "en") return `${ENGLISH.format(there)}, ${hour}:${minute}`;
  const year = there.getUTCFullYear() + BUDDHIST_YEARS;
  return digits(`${there.getUTCDate()} ${MONTHS[there.getUTCMonth()]} ${year} ${hour}.${minute} น.`, "th");
}

/** The day of a moment, in Bangkok's time: 2022-03-14. */
export function inBangkok(iso: string): string {
  return new Date(Date.parse(iso) + BANGKOK_MS).toISOString().slice(0, 10);
}

/** 14/3/2565 12:00: a moment as the service reads it in a field, in Bangkok's time. */
export function typedMoment(iso: string): string {
  const there = new Date(Date.parse(iso) + BANGKOK_MS);
  const time = `${String(there.getUTCHours()).padStart(2, "0")}:${String(there.getUTCMinutes()).padStart(2, "0")}`;
  return `${there.getUTCDate()}/${there.getUTCMonth() + 1}/${there.getUTCFullYear() + BUDDHIST_YEARS} ${time}`;
}

/** ๑๖ ส.ค. ๒๕๖๔ · 16 Aug 2021, of a day without a time (2021-08-16) */
export function day(iso: string, language: Language): string {
  const at = new Date(`${iso}T00:00:00Z`);
  if (language === "en") return ENGLISH.format(at);
  return digits(`${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear() + BUDDHIST_YEARS}`, "th");
}

const MONTHS_FULL = ["มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"];
const MONTHS_ENGLISH = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const FIRST_BUDDHIST_YEAR = 2400;

/** ๑๔ มี.ค. ๒๕๖๕, 14 มีนาคม 2565, 14 Mar 2022, 14/3/2565, 2022-03-14 -> 2022-03-14; null: no day. */
export function readDay(text: string): string | null {
  const plain = arabic(text).trim().replace(/\s+/g, " ");
  const yearFirst = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(plain);
  const dayFirst = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(plain);
  const spelt = /^(\d{1,2}) ?([^\d\s]+) ?(?:พ\.ศ\. ?)?(\d{4})$/.exec(plain);
  if (yearFirst) return dayOf(Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3]));
  if (dayFirst) return dayOf(Number(dayFirst[3]), Number(dayFirst[2]), Number(dayFirst[1]));
  if (spelt) return dayOf(Number(spelt[3]), monthNamed(spelt[2]!), Number(spelt[1]));
  return null;
}

/** 1 to 12; 0 where no month is called so. */
function monthNamed(name: string): number {
  const bare = (month: string): string => month.replaceAll(".", "");
  const lists = [MONTHS.map(bare), MONTHS_FULL];
  const thai = lists.map((list) => list.indexOf(bare(name))).find((place) => place >= 0);
  return (thai ?? MONTHS_ENGLISH.indexOf(name.slice(0, 3).toLowerCase())) + 1;
}

function dayOf(year: number, month: number, day: number): string | null {
  const common = year >= FIRST_BUDDHIST_YEAR ? year - BUDDHIST_YEARS : year;
  const at = new Date(Date.UTC(common, month - 1, day));
  const isThere = at.getUTCFullYear() === common && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return isThere && common >= 1900 && common < 2200 ? at.toISOString().slice(0, 10) : null;
}

/** 2 วัน 0 ชม. 10 นาที; whole minutes, and days only where there are any. */
export function lasted(seconds: number, language: Language, w: Lengths): string {
  const minutes = Math.floor(Math.max(0, seconds) / 60 + 1e-6);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24];
  const parts = [`${minutes % 60} ${w.minute}`];
  if (days > 0 || hours > 0) parts.unshift(`${hours} ${w.hour}`);
  if (days > 0) parts.unshift(`${days} ${w.day}`);
  return digits(parts.join(" "), language);
}

/** How long until a deadline, or how long past it; in hours when it is less than two days. */
export function left(days: number, language: Language, w: LeftWords): string {
  const away = Math.abs(days);
  const inHours = away < 2;
  const many = digits(Math.floor(inHours ? away * 24 : away), language);
  if (days >= 0) return inHours ? w.hoursLeft(many) : w.daysLeft(many);
  return inHours ? w.hoursLate(many) : w.daysLate(many);
}

/** The lines of a text that hold something. */
export function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Whether what somebody typed is a phone and no case number: those of the centre have 00 first. */
export function looksLikePhone(text: string): boolean {
  return /^\s*(\+|0[1-9])/.test(arabic(text));
}
