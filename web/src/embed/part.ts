/** An element of a shadow tree that pages can style with `::part()`. names: as in the attribute. */
export function part<K extends keyof HTMLElementTagNameMap>(tag: K, names: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.setAttribute("part", names);
  return made;
}
