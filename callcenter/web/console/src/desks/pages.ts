/** The desks' pages: the first part of the address behind `#/`, what it is called, and what shows it.
 *  A page gets what stands behind its name in the address (`#/cases/33640001233` -> `33640001233`). */
import type { Component } from "svelte";

export interface DeskPage {
  name: string;
  title: { th: string; en: string };
  ranks?: string[]; // of the phone floor; left out: everybody's
  load: () => Promise<{ default: Component<{ rest: string }> }>;
}

export const PAGES: DeskPage[] = [
  { name: "cases", title: { th: "เรื่องร้องเรียน", en: "Cases" }, load: () => import("../cases/Cases.svelte") },
  { name: "answers", title: { th: "คลังคำตอบ", en: "Answers" }, load: () => import("../answers/Answers.svelte") },
  { name: "reports", title: { th: "รายงาน", en: "Reports" }, load: () => import("../reports/Reports.svelte") },
  { name: "bulletins", title: { th: "จดหมายข่าว", en: "Bulletins" }, load: () => import("../cases/Bulletins.svelte") },
  {
    name: "quality",
    title: { th: "คุณภาพ", en: "Quality" },
    ranks: ["supervisor", "administrator"],
    load: () => import("../quality/Quality.svelte"),
  },
  {
    name: "recordings",
    title: { th: "เสียงสนทนา", en: "Recordings" },
    ranks: ["supervisor", "administrator"],
    load: () => import("../recordings/Recordings.svelte"),
  },
  {
    name: "voicemails",
    title: { th: "ข้อความเสียง", en: "Voicemail" },
    ranks: ["operator", "supervisor", "administrator"],
    load: () => import("../voicemails/Voicemails.svelte"),
  },
  {
    name: "duty",
    title: { th: "ตารางเวร", en: "Duty roster" },
    ranks: ["operator", "supervisor", "administrator"],
    load: () => import("../duty/Duty.svelte"),
  },
];
