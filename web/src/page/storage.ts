/** Small things kept on the device, or for this tab. Where storage is refused or full, the page works and forgets. */
const PREFIX = "qingsheng.";

/** Where: asked for each time, since browsers that refuse it throw. */
export type Area = () => Storage;
export const DEVICE: Area = () => localStorage;
/** What is in it survives a reload of this tab, and no other tab sees it. */
export const TAB: Area = () => sessionStorage;

export function read(key: string, area = DEVICE): string | undefined {
  try {
    return area().getItem(PREFIX + key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Whether it was kept. */
export function write(key: string, value: string, area = DEVICE): boolean {
  try {
    area().setItem(PREFIX + key, value);
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string, area = DEVICE): void {
  try {
    area().removeItem(PREFIX + key);
  } catch {
    // Nothing was kept either.
  }
}

/** A kept JSON value; undefined where there is none or it is no JSON any more. */
export function readJson(key: string, area = DEVICE): unknown {
  const text = read(key, area);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function writeJson(key: string, value: unknown, area = DEVICE): boolean {
  return write(key, JSON.stringify(value), area);
}

/** Called when another tab has written it, or everything was cleared. */
export function onOtherTab(key: string, listener: () => void): void {
  window.addEventListener("storage", (event) => {
    if (event.key === PREFIX + key || event.key === null) listener();
  });
}
