"""All prompts: their keys and their texts in Thai and English.

A text that is "" does not exist in that language, and nobody has to record it. `sounds` are
Debian's English recordings (package asterisk-core-sounds-en) with the same or nearly the same text.
They are used until an English pack is recorded. `own_...` are the agency's own prompts, with texts
of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.speech import Language as Language

KEY = re.compile(r"[a-z][a-z0-9_]{1,47}")
OWN = "own_"
"""The beginning of keys that are not listed here: names of topics and provinces, a flood
message."""

OWN_LONGEST_SECONDS = 60.0

RINGING = "ringing"
"""What an operator hears while a citizen is called back: a sound of this length, made here."""
RINGING_SECONDS = 10.0


class Group(StrEnum):
    """The groups of prompts in the list for recording."""

    WELCOME = "welcome"
    MENU = "menu"
    WAITING = "waiting"
    CASE = "case"
    CALLBACK = "callback"
    JOINING = "joining"
    GOODBYE = "goodbye"
    SURVEY = "survey"
    VOICEMAIL = "voicemail"
    NUMBERS = "numbers"
    TIMES = "times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt. `longest_seconds`: a longer recording keeps callers waiting."""

    key: str
    group: Group
    th: str
    en: str
    sounds: tuple[str, ...] = ()
    longest_seconds: float = 15.0

    def text(self, language: Language) -> str:
        return self.th if language is Language.THAI else self.en


def _said(
    group: Group,
    key: str,
    th: str,
    en: str,
    *sounds: str,
    longest: float = 15.0,
) -> Prompt:
    return Prompt(key=key, group=group, th=th, en=en, sounds=sounds, longest_seconds=longest)


def _word(key: str, th: str, en: str, *sounds: str) -> Prompt:
    return _said(Group.NUMBERS, key, th, en, *sounds, longest=2.5)


def _time(key: str, th: str, en: str, *sounds: str) -> Prompt:
    return _said(Group.TIMES, key, th, en, *sounds, longest=2.5)


_WELCOME = (
    _said(
        Group.WELCOME,
        "greeting",
        "สวัสดีค่ะ ขอบคุณที่โทรติดต่อสายด่วนของรัฐบาล",
        "Hello. Thank you for calling the government hotline.",
        "hello",
        longest=20,
    ),
    _said(
        Group.WELCOME,
        "recording_notice",
        "การสนทนานี้จะมีการบันทึกเสียง เพื่อปรับปรุงคุณภาพการให้บริการ",
        "This call will be recorded to improve the quality of our service.",
        "beep",
        longest=12,
    ),
)

_MENU = (
    _said(Group.MENU, "menu_language_th", "ภาษาไทย", "For Thai"),
    _said(Group.MENU, "menu_language_en", "ภาษาอังกฤษ", "For English"),
    _said(
        Group.MENU,
        "menu_choose",
        "กรุณาเลือกบริการที่ท่านต้องการ",
        "Please choose from the following services.",
    ),
    _said(Group.MENU, "menu_press", "กด", "press", "vm-press", longest=3),
    _said(Group.MENU, "menu_star", "ดอกจัน", "star", "digits/star", longest=3),
    _said(Group.MENU, "menu_hash", "สี่เหลี่ยม", "hash", "digits/pound", longest=3),
    _said(Group.MENU, "menu_again", "ฟังซ้ำอีกครั้ง", "To hear this again", longest=6),
    _said(
        Group.MENU,
        "menu_back",
        "กลับไปเมนูก่อนหน้า",
        "To return to the previous menu",
        longest=6,
    ),
    _said(
        Group.MENU,
        "menu_operator",
        "ติดต่อเจ้าหน้าที่",
        "To speak with an operator",
        longest=6,
    ),
    _said(
        Group.MENU,
        "menu_stay",
        "หรือถือสายรอสักครู่ เพื่อสนทนากับเจ้าหน้าที่",
        "Or stay on the line to speak with an operator.",
        longest=8,
    ),
    _said(
        Group.MENU,
        "menu_invalid",
        "ขออภัยค่ะ ไม่มีหมายเลขที่ท่านกด กรุณาลองใหม่อีกครั้ง",
        "Sorry, that is not one of the choices. Please try again.",
        "pm-invalid-option",
    ),
    _said(
        Group.MENU,
        "menu_nothing",
        "เราไม่ได้รับหมายเลขที่ท่านกด กำลังโอนสายไปยังเจ้าหน้าที่",
        "We did not receive your choice. You are being put through to an operator.",
    ),
)

_WAITING = (
    _said(
        Group.WAITING,
        "please_wait",
        "กรุณาถือสายรอสักครู่ค่ะ",
        "One moment, please.",
        "one-moment-please",
        longest=8,
    ),
    _said(
        Group.WAITING,
        "all_busy",
        "ขณะนี้เจ้าหน้าที่ทุกท่านกำลังให้บริการประชาชนท่านอื่น สายของท่านจะได้รับการบริการตามลำดับ",
        "All our operators are serving other callers. Your call will be answered in turn.",
        "queue-periodic-announce",
    ),
    _said(
        Group.WAITING,
        "thank_you_for_waiting",
        "ขอบคุณที่ถือสายรอค่ะ",
        "Thank you for your patience.",
        "queue-thankyou",
        longest=8,
    ),
    _said(Group.WAITING, "place", "ขณะนี้ท่านอยู่ในลำดับที่", "You are now number", longest=6),
    _said(Group.WAITING, "place_end", "ของการรอสาย", "in line.", longest=5),
    _said(
        Group.WAITING,
        "place_next",
        "ท่านอยู่ในลำดับถัดไป เจ้าหน้าที่จะรับสายของท่านในอีกสักครู่",
        "You are next in line, and will be answered by the next operator who is free.",
        "queue-youarenext",
    ),
    _said(
        Group.WAITING,
        "estimate",
        "คาดว่าท่านจะรอสายประมาณ",
        "The estimated waiting time is about",
        "queue-holdtime",
        longest=8,
    ),
    _said(Group.WAITING, "estimate_to", "ถึง", "to", longest=3),
    _said(
        Group.WAITING,
        "estimate_under_a_minute",
        "คาดว่าท่านจะรอสายไม่เกินหนึ่งนาที",
        "The estimated waiting time is less than one minute.",
        "queue-holdtime",
        "queue-less-than",
        "digits/1",
        "queue-minute",
    ),
    _said(
        Group.WAITING,
        "news_more",
        "หากต้องการฟังรายละเอียดเพิ่มเติม กรุณากดหนึ่ง",
        "To hear more, press one.",
        longest=6,
    ),
    _said(
        Group.WAITING,
        "estimate_long",
        "ขณะนี้มีผู้โทรเข้ามาเป็นจำนวนมาก ท่านอาจต้องรอนานกว่าปกติ",
        "We are receiving many calls at the moment. You may have to wait longer than usual.",
    ),
)

_CASE = (
    _said(
        Group.CASE,
        "menu_case",
        "ติดตามเรื่องที่แจ้งไว้",
        "To ask about a case you reported",
        longest=6,
    ),
    _said(
        Group.CASE,
        "case_number",
        "กรุณากดหมายเลขเรื่องสิบเอ็ดหลัก แล้วกดสี่เหลี่ยม หรือกดดอกจันเพื่อสนทนากับเจ้าหน้าที่",
        "Please enter the eleven digits of your case number, then press hash. "
        "To speak with an operator, press star.",
    ),
    _said(
        Group.CASE,
        "case_wrong",
        "ขออภัยค่ะ หมายเลขเรื่องที่กดไม่ถูกต้อง",
        "Sorry, that case number is not right.",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_away",
        "ขออภัยค่ะ ขณะนี้ไม่สามารถตรวจสอบสถานะเรื่องได้",
        "Sorry, we cannot look up your case at the moment.",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_too_often",
        "ขออภัยค่ะ หมายเลขโทรศัพท์ของท่านสอบถามครบจำนวนครั้งที่กำหนดแล้ว",
        "Sorry, too many case numbers have been entered from your telephone.",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_received",
        "เราได้รับเรื่องของท่านแล้ว",
        "Your case has been received.",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_agency",
        "เรื่องของท่านอยู่ระหว่างการดำเนินการของหน่วยงานส่วนกลาง",
        "Your case is with the central agency",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_province",
        "เรื่องของท่านอยู่ระหว่างการดำเนินการของจังหวัด",
        "Your case is with the province",
        longest=8,
    ),
    _said(Group.CASE, "case_for", "มาแล้ว", "and has been there for", longest=3),
    _said(Group.CASE, "case_today", "ตั้งแต่วันนี้", "since today.", longest=3),
    _said(
        Group.CASE,
        "case_waiting",
        "เรื่องของท่านรอข้อมูลเพิ่มเติมจากท่าน กรุณาติดต่อเจ้าหน้าที่",
        "We need more information from you about your case. Please speak with an operator.",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_answered",
        "หน่วยงานได้ตอบเรื่องของท่านแล้ว",
        "Your case has been answered.",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_closed",
        "เรื่องของท่านยุติแล้ว",
        "Your case is closed.",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_withdrawn",
        "มีการถอนเรื่องของท่านแล้ว",
        "Your case has been withdrawn.",
        longest=8,
    ),
    _said(
        Group.CASE,
        "case_after",
        "หากต้องการสนทนากับเจ้าหน้าที่ กดศูนย์ หากต้องการสอบถามเรื่องอื่น กดหนึ่ง",
        "To speak with an operator, press zero. To ask about another case, press one.",
        longest=10,
    ),
)

_CALLBACK = (
    _said(
        Group.CALLBACK,
        "callback_offer",
        "หากท่านต้องการให้เจ้าหน้าที่โทรกลับ โดยไม่เสียลำดับการรอ",
        "If you would like us to call you back without losing your place in line",
    ),
    _said(
        Group.CALLBACK,
        "callback_number",
        "เราจะโทรกลับไปยังหมายเลข",
        "We will call you back at",
        longest=6,
    ),
    _said(
        Group.CALLBACK,
        "callback_operator",
        "สายโทรกลับ ระบบกำลังโทรหาผู้ติดต่อ สายด่วน",
        "A callback. The caller is being rung, for hotline",
        longest=6,
    ),
    _said(Group.CALLBACK, "callback_right", "หากถูกต้อง", "If this is correct", longest=4),
    _said(
        Group.CALLBACK,
        "callback_other",
        "หากต้องการใช้หมายเลขอื่น",
        "To use another number",
        longest=6,
    ),
    _said(
        Group.CALLBACK,
        "callback_dial",
        "กรุณากดหมายเลขโทรศัพท์ที่ต้องการให้โทรกลับ แล้วกดสี่เหลี่ยม",
        "Please dial the number to call back, then press hash.",
    ),
    _said(
        Group.CALLBACK,
        "callback_taken",
        "เราได้รับคำขอของท่านแล้ว เจ้าหน้าที่จะโทรกลับเมื่อถึงลำดับของท่าน ขอบคุณค่ะ",
        "We have your request. An operator will call you when it is your turn. Thank you.",
    ),
    _said(
        Group.CALLBACK,
        "callback_in_turn",
        "หากต้องการให้โทรกลับทันทีเมื่อถึงลำดับของท่าน",
        "To be called as soon as it is your turn",
        longest=6,
    ),
    _said(
        Group.CALLBACK,
        "callback_choose",
        "หากต้องการเลือกเวลา",
        "To choose a time",
        longest=4,
    ),
    _said(
        Group.CALLBACK,
        "callback_hour",
        "กรุณากดชั่วโมงที่ต้องการเป็นตัวเลขสองหลัก เช่น ศูนย์เก้า หรือ หนึ่งสี่",
        "Please enter the hour as two digits, such as zero nine or one four.",
    ),
    _said(
        Group.CALLBACK,
        "callback_not_then",
        "ขออภัยค่ะ เราไม่สามารถโทรกลับในเวลานั้นได้",
        "We are sorry. We cannot call you at that time.",
        longest=6,
    ),
    _said(
        Group.CALLBACK,
        "callback_at",
        "เราจะโทรกลับ",
        "We will call you",
        longest=4,
    ),
    _said(Group.CALLBACK, "callback_today", "วันนี้ เวลา", "today at", longest=4),
    _said(Group.CALLBACK, "callback_tomorrow", "พรุ่งนี้ เวลา", "tomorrow at", longest=4),
    _said(
        Group.CALLBACK,
        "callback_here",
        "สวัสดีค่ะ นี่คือการโทรกลับจากสายด่วนของรัฐบาล ตามที่ท่านได้แจ้งไว้",
        "Hello. This is the government hotline, calling you back as you asked.",
    ),
    _said(
        Group.CALLBACK,
        "callback_ready",
        "หากพร้อมสนทนากับเจ้าหน้าที่",
        "If you are ready to speak with an operator",
        longest=6,
    ),
)

_CALLBACK_STATES = (
    _said(
        Group.CALLBACK,
        "menu_callback",
        "ตรวจสอบสถานะการโทรกลับ",
        "To ask about a callback",
        longest=6,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_waiting",
        "การโทรกลับของท่านอยู่ในลำดับการรอ",
        "Your callback is waiting in line.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_later",
        "เราได้รับนัดหมายการโทรกลับของท่านแล้ว",
        "Your callback is set for a later time.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_again",
        "เราจะพยายามโทรกลับหาท่านอีกครั้ง",
        "We will try to call you again.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_hours",
        "ขณะนี้อยู่นอกเวลาโทรกลับ เราจะโทรกลับหาท่านเมื่อถึงเวลา",
        "Nobody is called back at this time of day. We will call you later.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_calling",
        "ขณะนี้เรากำลังโทรกลับหาท่าน กรุณาวางสายเพื่อรับสายจากเรา",
        "We are calling you back at this moment. Please hang up so that we can reach you.",
        longest=10,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_cancelled",
        "การโทรกลับของท่านถูกยกเลิกแล้ว",
        "Your callback has been cancelled.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_not_reached",
        "ขออภัยค่ะ เราโทรกลับหาท่านแล้ว แต่ไม่สามารถติดต่อท่านได้",
        "Sorry, we called you back and could not reach you.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_expired",
        "ขออภัยค่ะ เราไม่สามารถโทรกลับหาท่านได้ภายในเวลาที่กำหนด",
        "Sorry, we could not call you back in time.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_done",
        "เราได้โทรกลับหาท่านแล้ว",
        "You have been called back already.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_none",
        "ไม่พบการโทรกลับสำหรับหมายเลขโทรศัพท์ของท่าน",
        "There is no callback for your telephone number.",
        longest=8,
    ),
    _said(
        Group.CALLBACK,
        "callback_is_too_often",
        "ขออภัยค่ะ หมายเลขโทรศัพท์ของท่านสอบถามครบจำนวนครั้งที่กำหนดแล้ว",
        "Sorry, your telephone has asked too many times.",
        longest=8,
    ),
    _said(Group.CALLBACK, "callback_within", "ภายในประมาณ", "within about", longest=3),
    _said(Group.CALLBACK, "callback_tried", "เราโทรหาท่านแล้ว", "We have called you", longest=4),
    _said(
        Group.CALLBACK,
        "callback_after",
        "หากต้องการยกเลิกการโทรกลับ",
        "To cancel the callback",
        longest=6,
    ),
    _said(
        Group.CALLBACK,
        "callback_person",
        "หากต้องการสนทนากับเจ้าหน้าที่ กดศูนย์",
        "To speak with an operator, press zero.",
        longest=8,
    ),
)

_JOINING = (
    _said(
        Group.JOINING,
        "connected",
        "กำลังต่อสายไปยังเจ้าหน้าที่",
        "You are being connected to an operator.",
        "pls-hold-while-try",
        longest=6,
    ),
    _said(
        Group.JOINING,
        "transfer",
        "กำลังโอนสายของท่าน กรุณาถือสายรอสักครู่",
        "Your call is being transferred. Please hold.",
        "pbx-transfer",
        longest=8,
    ),
)

_GOODBYE = (
    _said(
        Group.GOODBYE,
        "closed",
        "ขออภัยค่ะ ขณะนี้อยู่นอกเวลาให้บริการ กรุณาติดต่อใหม่อีกครั้งในเวลาทำการ",
        "We are sorry. Our office is closed. Please call again during opening hours.",
        "number-not-answering",
        "please-try-call-later",
        longest=20,
    ),
    _said(
        Group.GOODBYE,
        "closed_opens",
        "เราจะเปิดให้บริการอีกครั้ง",
        "We will open again",
        longest=6,
    ),
    _said(
        Group.GOODBYE,
        "full",
        "ขออภัยค่ะ ขณะนี้มีผู้รอสายเต็มจำนวน กรุณาโทรติดต่อใหม่อีกครั้งในภายหลัง",
        "We are sorry. All lines are busy. Please try your call again later.",
        "sorry",
        "please-try-call-later",
        longest=20,
    ),
    _said(
        Group.GOODBYE,
        "no_operators",
        "ขออภัยค่ะ ขณะนี้ไม่มีเจ้าหน้าที่ให้บริการ กรุณาโทรติดต่อใหม่อีกครั้งในภายหลัง",
        "We are sorry. No operator is on duty at the moment. Please try your call again later.",
        "vm-nobodyavail",
        "please-try-call-later",
        longest=20,
    ),
    _said(
        Group.GOODBYE,
        "max_wait",
        "ขออภัยที่ให้ท่านรอนาน ขณะนี้ยังไม่มีเจ้าหน้าที่ว่าง กรุณาโทรติดต่อใหม่อีกครั้งในภายหลัง",
        "We are sorry that you had to wait so long. No operator is free. Please try again later.",
        "sorry",
        "please-try-call-later",
        longest=20,
    ),
    _said(
        Group.GOODBYE,
        "unknown_number",
        "ขออภัยค่ะ ไม่มีบริการที่หมายเลขนี้ กรุณาตรวจสอบหมายเลขแล้วโทรใหม่อีกครั้ง",
        "We are sorry. There is no service at this number. Please check it and dial again.",
        "cannot-complete-as-dialed",
        "check-number-dial-again",
        longest=20,
    ),
    _said(
        Group.GOODBYE,
        "restart",
        "ขออภัยค่ะ ระบบกำลังปรับปรุงชั่วคราว กรุณาโทรติดต่อใหม่ในอีกสักครู่",
        "We are sorry. The system is being maintained. Please call again in a few minutes.",
        "sorry",
        "please-try-call-later",
        longest=20,
    ),
    _said(
        Group.GOODBYE,
        "sorry",
        "ขออภัยในความไม่สะดวก กรุณาโทรติดต่อใหม่อีกครั้งในภายหลัง",
        "We are sorry for the inconvenience. Please try your call again later.",
        "sorry",
        "please-try-call-later",
        longest=20,
    ),
    _said(
        Group.GOODBYE,
        "goodbye",
        "ขอบคุณที่ใช้บริการ สวัสดีค่ะ",
        "Thank you for calling. Goodbye.",
        "goodbye",
        longest=8,
    ),
)

_VOICEMAIL = (
    _said(
        Group.VOICEMAIL,
        "voicemail",
        "ขณะนี้ยังไม่มีเจ้าหน้าที่รับสาย กรุณาฝากข้อความหลังเสียงสัญญาณ "
        "โดยแจ้งชื่อ หมายเลขโทรศัพท์ และเรื่องที่ต้องการติดต่อ "
        "เมื่อพูดจบแล้วกดเครื่องหมายสี่เหลี่ยมหรือวางสายค่ะ",
        "No operator can take your call now. Please leave a message after the tone with your "
        "name, your number, and the matter. When you are done, press the hash key or hang up.",
        "vm-intro",
        longest=25,
    ),
    _said(
        Group.VOICEMAIL,
        "voicemail_thanks",
        "ได้รับข้อความของท่านแล้ว เจ้าหน้าที่จะติดต่อกลับ ขอบคุณค่ะ สวัสดีค่ะ",
        "We have your message. An operator will get back to you. Thank you. Goodbye.",
        "vm-msgsaved",
        "goodbye",
        longest=12,
    ),
    _said(
        Group.VOICEMAIL,
        "voicemail_failed",
        "ขออภัยค่ะ ไม่สามารถบันทึกข้อความของท่านได้ กรุณาโทรติดต่อใหม่อีกครั้งในภายหลัง",
        "We are sorry. Your message could not be recorded. Please call again later.",
        "sorry",
        "please-try-call-later",
        longest=15,
    ),
)

_SURVEY = (
    _said(
        Group.SURVEY,
        "survey_question",
        "กรุณาประเมินความพึงพอใจในการให้บริการ โดยกดหมายเลขหนึ่งถึงห้า หนึ่งคือพึงพอใจน้อยที่สุด ห้าคือพึงพอใจมากที่สุด",
        "Please rate our service from one to five. One is very poor, five is very good.",
        longest=20,
    ),
    _said(
        Group.SURVEY,
        "survey_thanks",
        "ขอบคุณสำหรับการประเมิน สวัสดีค่ะ",
        "Thank you for your answer. Goodbye.",
        "auth-thankyou",
        "goodbye",
        longest=8,
    ),
)

_NUMBERS = (
    _word("number_0", "ศูนย์", "zero", "digits/0"),
    _word("number_1", "หนึ่ง", "one", "digits/1"),
    _word("number_2", "สอง", "two", "digits/2"),
    _word("number_3", "สาม", "three", "digits/3"),
    _word("number_4", "สี่", "four", "digits/4"),
    _word("number_5", "ห้า", "five", "digits/5"),
    _word("number_6", "หก", "six", "digits/6"),
    _word("number_7", "เจ็ด", "seven", "digits/7"),
    _word("number_8", "แปด", "eight", "digits/8"),
    _word("number_9", "เก้า", "nine", "digits/9"),
    _word("number_10", "สิบ", "ten", "digits/10"),
    _word("number_11", "สิบเอ็ด", "eleven", "digits/11"),
    _word("number_12", "สิบสอง", "twelve", "digits/12"),
    _word("number_13", "สิบสาม", "thirteen", "digits/13"),
    _word("number_14", "สิบสี่", "fourteen", "digits/14"),
    _word("number_15", "สิบห้า", "fifteen", "digits/15"),
    _word("number_16", "สิบหก", "sixteen", "digits/16"),
    _word("number_17", "สิบเจ็ด", "seventeen", "digits/17"),
    _word("number_18", "สิบแปด", "eighteen", "digits/18"),
    _word("number_19", "สิบเก้า", "nineteen", "digits/19"),
    _word("number_20", "ยี่สิบ", "twenty", "digits/20"),
    _word("number_30", "สามสิบ", "thirty", "digits/30"),
    _word("number_40", "สี่สิบ", "forty", "digits/40"),
    _word("number_50", "ห้าสิบ", "fifty", "digits/50"),
    _word("number_60", "หกสิบ", "sixty", "digits/60"),
    _word("number_70", "เจ็ดสิบ", "seventy", "digits/70"),
    _word("number_80", "แปดสิบ", "eighty", "digits/80"),
    _word("number_90", "เก้าสิบ", "ninety", "digits/90"),
    _word("number_et", "เอ็ด", ""),
    _word("number_100", "ร้อย", "hundred", "digits/hundred"),
    _word("number_1000", "พัน", "thousand", "digits/thousand"),
    _word("number_10000", "หมื่น", ""),
    _word("number_100000", "แสน", ""),
)

_TIMES = (
    _time("second", "วินาที", "second", "second"),
    _time("seconds", "", "seconds", "seconds"),
    _time("minute", "นาที", "minute", "minute"),
    _time("minutes", "", "minutes", "minutes"),
    _time("hour", "ชั่วโมง", "hour"),
    _time("hours", "", "hours", "hours"),
    _time("day", "วัน", "day"),
    _time("days", "", "days"),
    _time("time", "ครั้ง", "time"),
    _time("times", "", "times"),
    _time("clock_at", "เวลา", "at", "digits/at"),
    _time("clock_hour", "นาฬิกา", ""),
    _time("clock_oh", "", "oh", "digits/oh"),
    _time("clock_am", "", "A M", "digits/a-m"),
    _time("clock_pm", "", "P M", "digits/p-m"),
    _time("day_on", "", "on"),
    _time("day_today", "วันนี้", "today", "digits/today"),
    _time("day_tomorrow", "วันพรุ่งนี้", "tomorrow", "digits/tomorrow"),
    _time("day_1", "วันจันทร์", "Monday", "digits/day-1"),
    _time("day_2", "วันอังคาร", "Tuesday", "digits/day-2"),
    _time("day_3", "วันพุธ", "Wednesday", "digits/day-3"),
    _time("day_4", "วันพฤหัสบดี", "Thursday", "digits/day-4"),
    _time("day_5", "วันศุกร์", "Friday", "digits/day-5"),
    _time("day_6", "วันเสาร์", "Saturday", "digits/day-6"),
    _time("day_7", "วันอาทิตย์", "Sunday", "digits/day-0"),
)

PROMPTS: tuple[Prompt, ...] = (
    *_WELCOME,
    *_MENU,
    *_WAITING,
    *_CASE,
    *_CALLBACK,
    *_CALLBACK_STATES,
    *_JOINING,
    *_GOODBYE,
    *_VOICEMAIL,
    *_SURVEY,
    *_NUMBERS,
    *_TIMES,
)

BY_KEY: Mapping[str, Prompt] = {prompt.key: prompt for prompt in PROMPTS}


def wanted(language: Language) -> list[Prompt]:
    """The prompts of a complete pack of the language, in the order of the list."""
    return [prompt for prompt in PROMPTS if prompt.text(language)]


def is_key(key: str) -> bool:
    """Whether a recording may have this key: one in the list, or one of the agency's own."""
    return key in BY_KEY or (key.startswith(OWN) and KEY.fullmatch(key) is not None)


def longest_seconds(key: str) -> float:
    """The greatest length of a recording with this key, in seconds."""
    prompt = BY_KEY.get(key)
    return prompt.longest_seconds if prompt else OWN_LONGEST_SECONDS
