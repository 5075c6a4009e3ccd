// How it stands with keeping: whether the drawing is back, kept, refused, and whether the server is there.
import { useCallback, useSyncExternalStore } from "react"
import { keeperOf } from "./keeper.js"
import { useModel } from "./link.jsx"

export function useKeeping() {
  const keeper = keeperOf(useModel())
  return [useSyncExternalStore(keeper.subscribe, keeper.snapshot), keeper]
}

/** Keeps what is typed into the program text before it is sent. */
export function useKeepDraft() {
  const model = useModel()
  return useCallback((text) => keeperOf(model).draft(text), [model])
}
