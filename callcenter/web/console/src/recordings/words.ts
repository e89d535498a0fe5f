/** What the pages of recorded talks say, in both languages. */
import { words, type Language } from "../words/index.svelte";

const en = {
  title: "Recorded talks",
  first: "From the day",
  last: "To the day",
  line: "Line",
  operator: "Operator",
  call: "Call",
  all: "left out: all",
  search: "Search",
  more: "Show more",
  found: "Found",
  none: "No talk was recorded that fits.",
  began: "Began",
  seconds: "Length",
  state: "State",
  hear: "Hear",
  hearing: (when: string, operator: string) => `Hear the talk of ${when} with ${operator}`,
  close: "Close the player",
  each: "Each hearing is written into the audit trail with your name.",
  caller: "Caller (left)",
  other: "Operator (right)",
  seek: "Place in the recording",
  play: "Play",
  stop: "Pause",
  back: "5 seconds back",
  on: "5 seconds on",
  keys: "Keys: space plays and pauses, ← and → go 5 seconds back and on, Esc closes.",
  paused: (many: string) => `${many} were not recorded: the operator had paused it.`,
  short: "Some of the sound is missing: Asterisk's disk was full, or it was restarted.",
  held: (by: string, reason: string) => `Held by ${by}: ${reason}`,
  states: {
    running: "They still talk",
    ended: "Being sealed",
    kept: "Kept",
    failed: "Not recorded",
    purged: "Removed",
  } as Record<string, string>,
  whys: {
    asterisk: "Asterisk would not record",
    no_sound: "there was no sound",
    no_key: "the key was not there",
    disk_full: "the disk was full",
    lost: "its end is not known",
    retention: "its time was over",
    by_hand: "by an administrator",
  } as Record<string, string>,
  why: {
    no_sound: "There is no sound of this talk.",
    unreadable: "The recording cannot be read: its key or its file is not as it was.",
    unknown_recording: "There is no such recording.",
  } as Record<string, string>,
};

export type RecordingWords = typeof en;

const th: RecordingWords = {
  title: "เสียงสนทนาที่บันทึกไว้",
  first: "ตั้งแต่วันที่",
  last: "ถึงวันที่",
  line: "สายด่วน",
  operator: "เจ้าหน้าที่",
  call: "รหัสสาย",
  all: "เว้นว่าง: ทั้งหมด",
  search: "ค้นหา",
  more: "แสดงเพิ่ม",
  found: "ผลการค้นหา",
  none: "ไม่พบเสียงสนทนาที่ตรงกับเงื่อนไข",
  began: "เริ่ม",
  seconds: "ความยาว",
  state: "สถานะ",
  hear: "ฟัง",
  hearing: (when, operator) => `ฟังเสียงสนทนาเมื่อ ${when} กับ ${operator}`,
  close: "ปิดเครื่องเล่น",
  each: "การฟังทุกครั้งจะถูกบันทึกพร้อมชื่อของท่านไว้ตรวจสอบ",
  caller: "ผู้โทร (ซ้าย)",
  other: "เจ้าหน้าที่ (ขวา)",
  seek: "ตำแหน่งในเสียงบันทึก",
  play: "เล่น",
  stop: "หยุดชั่วคราว",
  back: "ย้อนกลับ ๕ วินาที",
  on: "ไปข้างหน้า ๕ วินาที",
  keys: "ปุ่มลัด: เว้นวรรค เล่นหรือหยุด, ← และ → ย้อนกลับหรือไปข้างหน้า ๕ วินาที, Esc ปิด",
  paused: (many) => `ไม่ได้บันทึก ${many} เพราะเจ้าหน้าที่หยุดบันทึกชั่วคราว`,
  short: "เสียงบางส่วนขาดหายไป เพราะดิสก์ของ Asterisk เต็ม หรือ Asterisk เริ่มทำงานใหม่",
  held: (by, reason) => `${by} สั่งระงับการลบ: ${reason}`,
  states: {
    running: "กำลังสนทนา",
    ended: "กำลังเข้ารหัส",
    kept: "เก็บแล้ว",
    failed: "ไม่ได้บันทึก",
    purged: "ลบแล้ว",
  },
  whys: {
    asterisk: "Asterisk ไม่บันทึก",
    no_sound: "ไม่มีเสียง",
    no_key: "ไม่มีกุญแจ",
    disk_full: "ดิสก์เต็ม",
    lost: "ไม่ทราบว่าจบอย่างไร",
    retention: "ครบกำหนดเก็บ",
    by_hand: "ผู้ดูแลระบบลบ",
  },
  why: {
    no_sound: "ไม่มีเสียงของการสนทนานี้",
    unreadable: "อ่านเสียงบันทึกไม่ได้ เพราะกุญแจหรือไฟล์ไม่เหมือนเดิม",
    unknown_recording: "ไม่มีเสียงบันทึกนี้",
  },
};

const LANGUAGES: Record<Language, RecordingWords> = { th, en };

/** In the language in use. */
export const say = {
  get now(): RecordingWords {
    return LANGUAGES[words.language];
  },
};
