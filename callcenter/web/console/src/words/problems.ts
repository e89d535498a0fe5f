/** What the service's refusals mean, in Thai, by their code. English is the service's own sentence,
 *  which says more; where only that tells what is wrong (`MORE`), it stands behind the Thai. */
export const PROBLEMS: Record<string, string> = {
  malformed: "ระบบอ่านคำขอไม่ได้",
  not_logged_in: "ท่านยังไม่ได้เข้าสู่ระบบ กรุณาเข้าสู่ระบบใหม่",
  not_allowed: "บทบาทของท่านทำสิ่งนี้ไม่ได้",
  password_must_change: "กรุณาตั้งรหัสผ่านของท่านเองก่อน",
  second_factor_must: "กรุณาเพิ่มแอปยืนยันตัวตนก่อน",
  not_found: "ไม่มีสิ่งนี้ในระบบ",
  too_large: "ข้อมูลยาวเกินไป",
  invalid: "ค่าที่กรอกไม่ถูกต้อง",
  internal: "ระบบขัดข้อง กรุณาลองใหม่ หากยังไม่ได้ให้แจ้งผู้ดูแลระบบ",
  busy: "ระบบกำลังทำงานมาก กรุณาลองใหม่ในอีกสักครู่",
  database_away: "ฐานข้อมูลไม่ตอบ กรุณาลองใหม่ในอีกสักครู่ สายที่คุยอยู่ไม่ได้รับผลกระทบ",
  wrong_credentials: "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง",
  second_factor_needed: "กรุณากรอกรหัสจากแอปยืนยันตัวตน",
  wrong_code: "รหัสไม่ถูกต้องหรือใช้ไปแล้ว กรุณาใช้รหัสที่แอปแสดงขณะนี้",
  too_many_attempts: "ลองหลายครั้งเกินไป กรุณารอสักครู่แล้วลองใหม่",
  unknown_account: "ไม่มีบัญชีนี้",
  weak_password: "รหัสผ่านเดาง่ายเกินไป กรุณาตั้งใหม่ให้ยาวกว่านี้ และไม่ใช่คำที่ใช้กันทั่วไป",
  wrong_password: "รหัสผ่านปัจจุบันไม่ถูกต้อง",
  no_second_factor: "ยังไม่ได้เริ่มเพิ่มแอป หรือหมดเวลาแล้ว กรุณาเริ่มใหม่",
  account_exists: "มีบัญชีชื่อนี้แล้ว",
  last_administrator: "ต้องมีผู้ดูแลระบบอย่างน้อยหนึ่งคน",
  unknown_operator: "ไม่มีเจ้าหน้าที่คนนี้",
  unknown_queue: "ไม่มีคิวนี้",
  operator_exists: "มีเจ้าหน้าที่ชื่อนี้แล้ว",
  no_call: "ไม่มีสายนั้นแล้ว",
  no_callback: "ไม่มีการโทรกลับของสายนั้นแล้ว",
  not_called_back: "โทรกลับหมายเลขนี้ไม่ได้ หรือมีการโทรกลับหมายเลขนี้รออยู่แล้ว",
  outside_hours: "โทรกลับในเวลานั้นไม่ได้ กรุณาเลือกเวลาทำการภายในสามวัน",
  no_consult: "ขณะนี้ไม่ได้ปรึกษาผู้ใดอยู่",
  no_place: "ช่องจอดสายเต็ม หรือระบบไม่ได้เปิดให้จอดสาย ท่านยังสนทนาต่อได้",
  not_parked: "สายนี้ไม่ได้จอดอยู่แล้ว อาจมีเพื่อนร่วมงานรับไปแล้ว",
  nobody_there: "ที่นั่นไม่มีผู้รับสาย",
  not_at_work: "เจ้าหน้าที่ยังไม่ได้เริ่มปฏิบัติงาน",
  used_elsewhere: "โทรศัพท์ใช้อยู่ในหน้าต่างอื่น",
  phone_in_use: "โทรศัพท์อยู่ในสาย กรุณาจบสายก่อน",
  no_phone: "โทรศัพท์ของท่านยังไม่พร้อม",
  listened_to: "มีหัวหน้างานท่านอื่นกำลังฟังสายนี้",
  unknown_message: "ไม่มีข้อความนั้นแล้ว",
  phones_not_told: "ยังแจ้งระบบโทรศัพท์ไม่ได้ กรุณาลองใหม่ในอีกสักครู่",
  unknown_call: "ไม่มีสายนี้ในบันทึก",
  not_waiting: "ผู้โทรไม่ได้รอสายแล้ว",
  site_refused: "แฟ้มตั้งค่าศูนย์มีข้อผิดพลาด ค่าที่ใช้อยู่ยังคงเดิม",
  unknown_prompt: "ไม่มีเสียงประกาศนี้",
  recording_refused: "ใช้เสียงนี้ไม่ได้",
  no_recordings: "อ่านหรือเก็บเสียงประกาศไม่ได้ในขณะนี้",
  unknown_webhook: "ไม่มีรายการนี้แล้ว",
  unknown_delivery: "ส่งใหม่ได้เฉพาะข้อความที่เลิกส่งแล้ว",
  address_refused: "ส่งไปยังที่อยู่นี้ไม่ได้",
  too_many: "มีมากเกินไปแล้ว",
};

const MORE: readonly string[] = ["invalid", "recording_refused", "site_refused", "address_refused", "malformed", "not_allowed"];

/** The refusal for who reads Thai; one that is not known here is shown as the service says it. */
export function inThai(code: string, detail: string): string {
  const known = PROBLEMS[code];
  if (known === undefined) return detail;
  return MORE.includes(code) ? `${known} (${detail})` : known;
}
