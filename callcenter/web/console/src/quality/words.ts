/** What the pages of the quality sheet say, in both languages. */
import { words, type Language } from "../words/index.svelte";

const en = {
  title: "Quality of answers",
  back: "All samples",
  lastDays: "Judged calls of the last 30 days",
  rangeHelp: "In brackets: where the share of all calls lies, 19 times of 20.",
  ofJudged: (good: string, judged: string) => `${good} of ${judged} judged calls`,
  draw: "Draw a sample",
  drawHelp: "By chance, from all calls that were answered and talked for 10 seconds.",
  first: "From the day",
  last: "To the day",
  line: "Line (left out: all)",
  many: "How many calls",
  samples: "Samples",
  noSamples: "Nobody has drawn a sample yet.",
  judged: (judged: string, drawn: string) => `${judged} of ${drawn} judged`,
  of: (drawn: string, answered: string) => `${drawn} calls of ${answered} answered ones`,
  calls: "Calls of the sample",
  notJudged: "Not judged",
  isJudged: "Judged",
  own: "Your own call: somebody else judges it.",
  talk: "Talk",
  answers: "What the caller was told from the answer base",
  noAnswers: "Nothing was put into the note.",
  aspects: { correct: "What was told is right", complete: "Nothing was left out", polite: "Polite" } as Record<string, string>,
  judgements: { yes: "Yes", no: "No", cannot_say: "Cannot be said" } as Record<string, string>,
  note: "Note (no names, no phone numbers)",
  save: "Save, and the next one",
  allDone: "Every call of the sample is judged.",
  why: {
    no_calls: "No call was answered in that time: choose a longer one.",
    unknown_sample: "There is no such sample.",
    own_call: "It was your own call: somebody else judges it.",
    invalid: "The last day must not be before the first, and the time at most 92 days.",
  } as Record<string, string>,
};

export type QualityWords = typeof en;

const th: QualityWords = {
  title: "คุณภาพการตอบ",
  back: "ตัวอย่างทั้งหมด",
  lastDays: "สายที่ประเมินใน ๓๐ วันที่ผ่านมา",
  rangeHelp: "ในวงเล็บคือช่วงที่สัดส่วนของสายทั้งหมดน่าจะอยู่ (๑๙ ใน ๒๐ ครั้ง)",
  ofJudged: (good, judged) => `${good} จาก ${judged} สายที่ประเมิน`,
  draw: "สุ่มตัวอย่าง",
  drawHelp: "สุ่มจากสายทั้งหมดที่มีผู้รับและสนทนาตั้งแต่ ๑๐ วินาที",
  first: "ตั้งแต่วันที่",
  last: "ถึงวันที่",
  line: "สายด่วน (เว้นว่าง: ทุกสาย)",
  many: "จำนวนสาย",
  samples: "ตัวอย่างที่สุ่มแล้ว",
  noSamples: "ยังไม่มีการสุ่มตัวอย่าง",
  judged: (judged, drawn) => `ประเมินแล้ว ${judged} จาก ${drawn}`,
  of: (drawn, answered) => `${drawn} สาย จากที่มีผู้รับ ${answered} สาย`,
  calls: "สายในตัวอย่าง",
  notJudged: "ยังไม่ประเมิน",
  isJudged: "ประเมินแล้ว",
  own: "เป็นสายของท่านเอง ผู้อื่นต้องเป็นผู้ประเมิน",
  talk: "สนทนา",
  answers: "คำตอบจากคลังคำตอบที่ใช้ตอบผู้โทร",
  noAnswers: "ไม่มีคำตอบที่ใส่ไว้ในบันทึก",
  aspects: { correct: "ตอบถูกต้อง", complete: "ตอบครบถ้วน", polite: "สุภาพ" },
  judgements: { yes: "ใช่", no: "ไม่ใช่", cannot_say: "ประเมินไม่ได้" },
  note: "หมายเหตุ (ไม่ระบุชื่อหรือหมายเลขโทรศัพท์)",
  save: "บันทึก และไปสายถัดไป",
  allDone: "ประเมินครบทุกสายในตัวอย่างแล้ว",
  why: {
    no_calls: "ไม่มีสายที่มีผู้รับในช่วงนั้น กรุณาเลือกช่วงที่ยาวขึ้น",
    unknown_sample: "ไม่มีตัวอย่างนี้",
    own_call: "เป็นสายของท่านเอง ผู้อื่นต้องเป็นผู้ประเมิน",
    invalid: "วันสุดท้ายต้องไม่อยู่ก่อนวันแรก และไม่เกิน ๙๒ วัน",
  },
};

const LANGUAGES: Record<Language, QualityWords> = { th, en };

/** In the language in use. */
export const say = {
  get now(): QualityWords {
    return LANGUAGES[words.language];
  },
};
