/** IndexedDB in promises: one store to a database. */

export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

/** Rejects, or throws, where storage is denied. */
export function openDatabase(
  name: string,
  store: string,
  options: IDBObjectStoreParameters = {},
): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(store, options));
  return settled(request);
}
