/** What the pages of the duty roster say, in both languages. */
import { words, type Language } from "../words/index.svelte";

const en = {
  title: "Duty roster",
  mine: "My shifts",
  none: "No shifts in these days.",
  before: "Week before",
  thisWeek: "This week",
  after: "Week after",
  lateNow: "Late now",
  late: (minutes: string) => `${minutes} min late`,
  now: (planned: string, present: string) => `Now: ${planned} planned, ${present} on duty`,
  unplanned: (minutes: string) => `open with nobody in the roster: ${minutes} min`,
  uncovered: (minutes: string) => `nobody was on duty: ${minutes} min`,
  weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  add: "Plan a shift",
  change: "Change the shift",
  operator: "Who",
  queue: "Queue",
  choose: "Choose",
  day: "Day",
  from: "From (20:00)",
  to: "To (08:00 is on the next day)",
  timeUnknown: "That is no time: 08:30 or ๐๘.๓๐",
  weeks: "For how many weeks running",
  note: "Note",
  save: "Save",
  remove: "Take out of the roster",
  cancel: "Cancel",
  over: "This shift is over and stays as it was planned.",
  calendarOut: "As calendar (iCalendar)",
  calendarIn: "Take a calendar in (iCalendar)",
  calendarFile: "Calendar file (.ics)",
  calendarQueue: "Queue of events that name none",
  send: "Take it in",
  taken: (d: { added: string; changed: string; removed: string; same: string; past: string }) =>
    `${d.added} added, ${d.changed} changed, ${d.removed} taken out, ${d.same} as before, ${d.past} over already`,
  standings: {
    planned: "planned",
    expected: "begins",
    late: "late",
    present: "on duty",
    left: "went away",
    kept: "was there",
    missed: "did not come",
  } as Record<string, string>,
  why: {
    already_planned: "This person is in the roster of this queue at that time already.",
    shift_changed: "Somebody has changed it in the meantime. Look at it again.",
    shift_over: "This shift is over and stays as it was planned.",
    unknown_shift: "This shift is not in the roster any more.",
  } as Record<string, string>,
};

export type DutyWords = typeof en;

const th: DutyWords = {
  title: "ตารางเวร",
  mine: "เวรของฉัน",
  none: "ไม่มีเวรในช่วงนี้",
  before: "สัปดาห์ก่อน",
  thisWeek: "สัปดาห์นี้",
  after: "สัปดาห์ถัดไป",
  lateNow: "ขณะนี้มาสาย",
  late: (minutes) => `สาย ${minutes} นาที`,
  now: (planned, present) => `ขณะนี้: ตามเวร ${planned} คน ปฏิบัติงาน ${present} คน`,
  unplanned: (minutes) => `เวลาทำการที่ไม่มีชื่อในเวร: ${minutes} นาที`,
  uncovered: (minutes) => `ไม่มีผู้ปฏิบัติงาน: ${minutes} นาที`,
  weekdays: ["จันทร์", "อังคาร", "พุธ", "พฤหัสบดี", "ศุกร์", "เสาร์", "อาทิตย์"],
  add: "จัดเวร",
  change: "แก้ไขเวร",
  operator: "เจ้าหน้าที่",
  queue: "คิว",
  choose: "เลือก",
  day: "วันที่",
  from: "ตั้งแต่ (๒๐.๐๐)",
  to: "ถึง (๐๘.๐๐ คือวันถัดไป)",
  timeUnknown: "เวลาไม่ถูกต้อง เช่น ๐๘.๓๐ หรือ 08:30",
  weeks: "ต่อเนื่องกี่สัปดาห์",
  note: "หมายเหตุ",
  save: "บันทึก",
  remove: "นำออกจากตารางเวร",
  cancel: "ยกเลิก",
  over: "เวรนี้สิ้นสุดแล้ว แก้ไขไม่ได้",
  calendarOut: "ส่งออกเป็นปฏิทิน (iCalendar)",
  calendarIn: "นำเข้าจากปฏิทิน (iCalendar)",
  calendarFile: "ไฟล์ปฏิทิน (.ics)",
  calendarQueue: "คิวของรายการที่ไม่ได้ระบุคิว",
  send: "นำเข้า",
  taken: (d) =>
    `เพิ่ม ${d.added} แก้ไข ${d.changed} นำออก ${d.removed} เหมือนเดิม ${d.same} ผ่านไปแล้ว ${d.past}`,
  standings: {
    planned: "ตามแผน",
    expected: "เริ่มเวร",
    late: "มาสาย",
    present: "ปฏิบัติงานอยู่",
    left: "ออกไปแล้ว",
    kept: "มาปฏิบัติงาน",
    missed: "ไม่มา",
  },
  why: {
    already_planned: "เจ้าหน้าที่คนนี้มีเวรของคิวนี้ในเวลานั้นอยู่แล้ว",
    shift_changed: "มีผู้แก้ไขเวรนี้ระหว่างที่ท่านดูอยู่ กรุณาดูใหม่อีกครั้ง",
    shift_over: "เวรนี้สิ้นสุดแล้ว แก้ไขไม่ได้",
    unknown_shift: "ไม่มีเวรนี้ในตารางแล้ว",
  },
};

const both: Record<Language, DutyWords> = { th, en };

export const say = {
  get now(): DutyWords {
    return both[words.language];
  },
};
