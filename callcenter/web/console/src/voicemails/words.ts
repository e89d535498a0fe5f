/** What the page of messages says, in both languages. */
import { words, type Language } from "../words/index.svelte";

const en = {
  title: "Voicemail",
  intro: "Messages that callers of your queues left when nobody could serve them.",
  open: "To do",
  done: "Done",
  none: "No message waits.",
  noneDone: "No message is done yet.",
  left: "Left",
  queue: "Queue",
  caller: "Number",
  seconds: "Length",
  state: "State",
  actions: "What to do",
  more: "Show more",
  states: {
    new: () => "new",
    taken: (who: string) => `taken by ${who}`,
    done: (who: string) => `done by ${who}`,
  },
  how: { heard: "heard", called_back: "to be called back", case: "a case was made" } as Record<string, string>,
  hear: "Hear",
  take: "Take it",
  giveBack: "Give it back",
  callBack: "Call back",
  makeCase: "Make a case",
  finish: "Done",
  purged: "Its sound was removed when its time was over.",
  about: (what: string, when: string) => `${what}: message of ${when}`,
  toBeCalled: "The caller will be called back in turn. The message is done.",
  why: {
    unknown_voicemail: "This message is of another queue, or is not there any more.",
    voicemail_taken: "A colleague has this message, or it is done.",
    no_sound: "There is no sound of this message any more.",
    unreadable: "The message cannot be read: its key or its file is not as it was.",
  } as Record<string, string>,
};

export type VoicemailWords = typeof en;

const th: VoicemailWords = {
  title: "ข้อความเสียงที่ฝากไว้",
  intro: "ข้อความที่ผู้โทรในคิวของท่านฝากไว้ เมื่อไม่มีเจ้าหน้าที่รับสายได้",
  open: "รอดำเนินการ",
  done: "เสร็จแล้ว",
  none: "ไม่มีข้อความที่รอดำเนินการ",
  noneDone: "ยังไม่มีข้อความที่ดำเนินการเสร็จ",
  left: "ฝากเมื่อ",
  queue: "คิว",
  caller: "หมายเลข",
  seconds: "ความยาว",
  state: "สถานะ",
  actions: "ดำเนินการ",
  more: "แสดงเพิ่ม",
  states: {
    new: () => "ใหม่",
    taken: (who: string) => `${who} รับไปแล้ว`,
    done: (who: string) => `${who} ดำเนินการเสร็จ`,
  },
  how: { heard: "ฟังแล้ว", called_back: "รอโทรกลับ", case: "เปิดเรื่องแล้ว" },
  hear: "ฟัง",
  take: "รับไปดำเนินการ",
  giveBack: "คืนงาน",
  callBack: "ให้ระบบโทรกลับ",
  makeCase: "เปิดเรื่อง",
  finish: "เสร็จแล้ว",
  purged: "เสียงถูกลบแล้วเมื่อครบกำหนดเก็บ",
  about: (what: string, when: string) => `${what}: ข้อความเมื่อ ${when}`,
  toBeCalled: "ระบบจะโทรกลับหาผู้โทรเมื่อถึงลำดับ ข้อความนี้ดำเนินการเสร็จแล้ว",
  why: {
    unknown_voicemail: "ข้อความนี้เป็นของคิวอื่น หรือไม่มีแล้ว",
    voicemail_taken: "มีเจ้าหน้าที่คนอื่นรับไปแล้ว หรือดำเนินการเสร็จแล้ว",
    no_sound: "ไม่มีเสียงของข้อความนี้แล้ว",
    unreadable: "อ่านข้อความเสียงไม่ได้ เพราะกุญแจหรือไฟล์ไม่เหมือนเดิม",
  },
};

const LANGUAGES: Record<Language, VoicemailWords> = { th, en };

/** In the language in use. */
export const say = {
  get now(): VoicemailWords {
    return LANGUAGES[words.language];
  },
};
