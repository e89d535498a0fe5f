/** Opens the page of another program for a call, once, in one window for all calls. A browser that
 *  refuses (nobody pressed anything) shows nothing: the link on the card is there. */
const WINDOW = "callcenter-call";
let popped = "";

export function pop(call: string, address: string): void {
  if (call === popped || !/^https?:\/\//.test(address)) return;
  popped = call;
  const opened = window.open("", WINDOW);
  if (opened === null) return;
  try {
    opened.opener = null; // the other program cannot reach this page
  } catch {
    // it shows the other program already, and has no opener
  }
  opened.location.replace(address);
}
