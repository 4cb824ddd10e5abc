/** The page's elements by id, checked for existence and kind. */
export function element<T extends Element>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} with id ${id}`);
}

export function button(id: string, onClick: () => void): HTMLButtonElement {
  const found = element(id, HTMLButtonElement);
  found.addEventListener("click", onClick);
  return found;
}

export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text: string,
  className = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** A button that is made while the page runs. */
export function createButton(text: string, className: string, onClick: () => void): HTMLButtonElement {
  const made = create("button", text, className);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

/** What a slider stands at, beside it and for who hears the page: its own figure says little. */
export function say(slider: HTMLInputElement, output: HTMLOutputElement, text: string): void {
  output.textContent = text;
  slider.setAttribute("aria-valuetext", text);
}

/** An element of the page's set of pictures (`<symbol>` in index.html), for the eye only. */
export function icon(name: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.classList.add("icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}
