/** What the pages of every desk say, in both languages. */
import { words, type Language } from "../words/index.svelte";

const en = {
  areaChoose: "Choose the place",
  areaUnknown: "No such place. Write the district and the province, too.",
  unitHelp: "Type a part of the name",
  unitChoose: "Choose the office",
  unitUnknown: "There is no such office.",
  dayHelp: "For example 14 Mar 2022 or 14/3/2565",
  dayUnknown: "There is no such day.",
  cancel: "Cancel",
};

const th: typeof en = {
  areaChoose: "เลือกพื้นที่",
  areaUnknown: "ไม่พบพื้นที่นี้ กรุณาระบุอำเภอและจังหวัด",
  unitHelp: "พิมพ์บางส่วนของชื่อ",
  unitChoose: "เลือกหน่วยงาน",
  unitUnknown: "ไม่มีหน่วยงานนี้",
  dayHelp: "เช่น ๑๔/๓/๒๕๖๕ หรือ ๑๔ มี.ค. ๒๕๖๕",
  dayUnknown: "ไม่มีวันที่นี้",
  cancel: "ยกเลิก",
};

const LANGUAGES: Record<Language, typeof en> = { th, en };

/** In the language in use. */
export const say = {
  get now(): typeof en {
    return LANGUAGES[words.language];
  },
};
