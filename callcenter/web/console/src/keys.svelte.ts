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
    const act = listeners.findLast((acts) => event.key in acts)?.[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  },
};

function types(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
