/** What a note is when something is put into it. The end of what is put in, its last line, says where
 *  it is from: that stays when there is no room for all of it. */
export function joined(note: string, more: string, most: number): { note: string; fits: boolean } {
  const before = note.trim() === "" ? "" : `${note.trimEnd()}\n\n`;
  const all = before + more;
  if (all.length <= most) return { note: all, fits: true };
  const end = more.slice(more.lastIndexOf("\n"));
  const room = most - before.length - end.length - 1;
  return { note: room < 0 ? note : `${before}${more.slice(0, room)}…${end}`, fits: false };
}
