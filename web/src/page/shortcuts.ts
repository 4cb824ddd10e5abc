/** Keys for what the page does. By place on the keyboard, since Alt changes the letters on some systems. */
const SHORTCUTS = {
  "ctrl Enter": "speak",
  "alt KeyP": "pause",
  Escape: "stop",
  "alt KeyM": "mute",
  "alt KeyE": "view",
  "alt ArrowDown": "next",
  "alt ArrowUp": "previous",
  "alt Slash": "help",
} as const;

export type Shortcut = (typeof SHORTCUTS)[keyof typeof SHORTCUTS];

/** The shortcut of a key press, if it is one. */
export function shortcutOf(event: Pick<KeyboardEvent, "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">) {
  const code = event.code === "NumpadEnter" ? "Enter" : event.code;
  const held = [(event.ctrlKey || event.metaKey) && "ctrl", event.altKey && "alt", event.shiftKey && "shift"];
  const name = [...held.filter(Boolean), code].join(" ");
  return Object.hasOwn(SHORTCUTS, name) ? SHORTCUTS[name as keyof typeof SHORTCUTS] : undefined;
}

export function listenForShortcuts(actions: Readonly<Record<Shortcut, () => void>>): void {
  document.addEventListener("keydown", (event) => {
    const shortcut = shortcutOf(event);
    // An open window takes Escape for itself, and the rest waits until it is closed.
    if (!shortcut || document.querySelector("dialog[open], :popover-open")) return;
    if (shortcut !== "stop") event.preventDefault();
    actions[shortcut]();
  });
}
