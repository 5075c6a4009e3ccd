// What this browser keeps, in IndexedDB: "tabs", the drawing of each tab with its history, and "snapshots", which a person has named.
const NAME = "tpviz", VERSION = 1, STORES = ["tabs", "snapshots"]

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
})

export function openStorage() {
  const request = indexedDB.open(NAME, VERSION)       // throws where storage is switched off
  request.onupgradeneeded = () => {
    for (const store of STORES) if (!request.result.objectStoreNames.contains(store)) request.result.createObjectStore(store, { keyPath: "id" })
  }
  return done(request).then((db) => {
    db.onversionchange = () => db.close()             // a newer tpviz in another tab
    const run = (store, mode, deed) => new Promise((resolve, reject) => {
      const transaction = db.transaction(store, mode)
      const request = deed(transaction.objectStore(store))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onerror = transaction.onabort = () => reject(transaction.error || request.error || new Error("aborted"))
    })
    return {
      get: (store, id) => run(store, "readonly", (s) => s.get(id)),
      all: (store) => run(store, "readonly", (s) => s.getAll()),
      put: (store, value) => run(store, "readwrite", (s) => s.put(value)),
      delete: (store, id) => run(store, "readwrite", (s) => s.delete(id)),
    }
  })
}

/** Why the browser does not keep anything, in words. */
export const refusal = (error) => error?.name === "QuotaExceededError" ? "this browser has no room left" : "this browser refuses storage"

/** Small texts that must be on disk at once. Private windows may refuse even these. */
export const small = (area) => ({
  get: (key) => { try { return window[area].getItem(key) } catch { return null } },
  set: (key, value) => { try { window[area].setItem(key, value); return true } catch { return false } },
  remove: (key) => { try { window[area].removeItem(key) } catch { /* it was never there */ } },
})
