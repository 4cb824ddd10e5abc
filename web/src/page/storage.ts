/** Small things kept on the device. Where storage is refused or full, the page works and forgets. */
const PREFIX = "qingsheng.";

export function read(key: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Whether it was kept. */
export function write(key: string, value: string): boolean {
  try {
    localStorage.setItem(PREFIX + key, value);
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Nothing was kept either.
  }
}

/** A kept JSON value; undefined where there is none or it is no JSON any more. */
export function readJson(key: string): unknown {
  const text = read(key);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function writeJson(key: string, value: unknown): boolean {
  return write(key, JSON.stringify(value));
}
