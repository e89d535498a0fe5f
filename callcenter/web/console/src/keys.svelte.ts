/** Keys that do something, wherever the focus is; not while somebody types. The newest listener that
 *  knows a key gets it. */
type Acts = Record<string, () => void>;

const listeners: Acts[] = [];

export const keys = {
  /** Listen until the returned function is called. */
  listen(acts: Acts): () => void {
    listeners.push(acts);
    return () => {
      listeners.splice(listeners.indexOf(acts), 1);
    };
  },

  pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || types(event.target)) return;
    const names = [event.key, onLatinKeys(event)];
    const act = names.map((name) => listeners.findLast((acts) => name in acts)?.[name]).find((each) => each !== undefined);
    if (act === undefined) return;
    event.preventDefault();
    act();
  },
};

/** What the same key types on a Latin keyboard: on a Thai one it types a Thai letter. */
function onLatinKeys({ code, shiftKey }: KeyboardEvent): string {
  if (code.startsWith("Key")) return code.slice(3).toLowerCase();
  if (code.startsWith("Digit") && !shiftKey) return code.slice(5);
  return code === "Slash" && shiftKey ? "?" : "";
}

function types(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && /^(radio|checkbox|button|file)$/.test(target.type)) return false;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
