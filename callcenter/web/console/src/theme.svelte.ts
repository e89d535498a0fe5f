/** Light, dark, or as the device says; kept on the device. */
export type Theme = "system" | "light" | "dark";
const KEY = "theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

const kept = localStorage.getItem(KEY);
let theme = $state<Theme>(THEMES.find((each) => each === kept) ?? "system");

export const colours = {
  get theme(): Theme {
    return theme;
  },
  next(): void {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
    localStorage.setItem(KEY, theme);
    show();
  },
};

function show(): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

show();
