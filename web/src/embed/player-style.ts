/** The player's look. Colours, corners and fonts are custom properties; its pieces are parts, for `::part()`. */
export const PLAYER_STYLE = `
:host {
  display: block;
  color: var(--qingsheng-ink, light-dark(#22302f, #e4e9e6));
  font: var(--qingsheng-font, 1rem/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif);
}
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
[part="base"] {
  padding: 0.8rem 1rem;
  border: 1px solid var(--qingsheng-line, light-dark(#e1ddd0, #2e3839));
  border-radius: var(--qingsheng-radius, 0.9rem);
  background: var(--qingsheng-paper, light-dark(#fffefb, #1b2223));
}
[part="text"] { margin: 0 0 0.6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
[part="word"] { border-radius: 0.2em; background: var(--qingsheng-mark, light-dark(#f6e3ac, #5d5020)); color: inherit; }
[part="controls"] { display: flex; gap: 0.6rem; align-items: center; }
button {
  min-width: 2.6rem; min-height: 2.4rem; padding: 0.2rem 0.9rem;
  border: 1px solid var(--qingsheng-line, light-dark(#e1ddd0, #2e3839)); border-radius: 0.7rem;
  background: transparent; color: inherit; font: inherit; cursor: pointer;
}
button[part~="play"] { border-color: transparent; background: var(--qingsheng-accent, #1c685d); color: var(--qingsheng-on-accent, #fff); font-weight: 600; }
button[aria-disabled="true"] { opacity: 0.6; cursor: default; }
:focus-visible { outline: 2px solid var(--qingsheng-accent, light-dark(#1c685d, #6cc4b1)); outline-offset: 2px; }
button[part~="mute"] { display: inline-grid; place-items: center; padding: 0.2rem 0.6rem; border-color: transparent; }
svg { width: 1.4em; height: 1.4em; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
[data-muted] .waves, button:not([data-muted]) .cross { display: none; }
@media (pointer: coarse) { button { min-height: 2.75rem; } }
progress { flex: 1; min-width: 3rem; height: 0.3rem; accent-color: var(--qingsheng-accent, #1c685d); }
[part="status"] { margin: 0.5rem 0 0; font-size: 0.85em; opacity: 0.8; }
/* Not taken away: only what is there already is read out when it changes. */
[part="status"]:empty { margin: 0; }
@media (forced-colors: active) {
  button[aria-disabled="true"] { color: GrayText; opacity: 1; }
  progress { border: 1px solid CanvasText; }
}
`;
