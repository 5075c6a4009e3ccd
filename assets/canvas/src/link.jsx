// The link to Python: synced parameters are read, intents are sent. The window never writes a parameter.
import { createContext, useCallback, useContext, useSyncExternalStore } from "react"

import { keeperOf } from "./keeper.js"

const Link = createContext(null)
export const LinkProvider = Link.Provider

/** The Panel model: `get_child(name)` renders a pane, `on("msg:custom", f)` receives patches. */
export const useModel = () => useContext(Link)

/**
 * The present value of a synced parameter.
 * Panel's own `model.useState` also writes back on every change, which loses an update that arrives between render and effect.
 */
export function useParam(name) {
  const model = useModel()
  const subscribe = useCallback((changed) => {
    model.on(name, changed)
    return () => model.off(name, changed)
  }, [model, name])
  return useSyncExternalStore(subscribe, () => model[name])
}

export function useSend() {
  const model = useModel()
  return useCallback((intent) => keeperOf(model).send(intent), [model])
}
