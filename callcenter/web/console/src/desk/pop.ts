/** Opens the page of another program for a call, once, in one window for all calls. A browser that
 *  refuses (nobody pressed anything) shows nothing: the link on the card is there.
 *
 *  The window keeps its opener: Chromium navigates no window of another origin that has none, so each
 *  call would open one more. The address is of the site's settings, and nobody else's. */
const WINDOW = "callcenter-call";
let popped = "";

export function pop(call: string, address: string): void {
  if (call === popped || !/^https?:\/\//.test(address)) return;
  popped = call;
  window.open(address, WINDOW);
}
