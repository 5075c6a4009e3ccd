// What stands in a pane that has nothing to show yet: what it would show, and one thing to do (the first of `action` that is possible now).
import { keyName } from "./keyboard.js"
import { useParam, useSend } from "./link.jsx"

export function EmptyState({ title, children, action, intent, label, testid }) {
  const actions = useParam("actions"), send = useSend()
  const rows = [action].flat().map((name) => actions.find((a) => a.name === name)).filter(Boolean), row = rows.find((a) => a.enabled !== false) || rows[0]
  return (
    <div className="teaches" data-testid={testid}>
      <b>{title}</b>
      <p className="muted">{children}</p>
      {(row || intent) && (
        <button className="btn" data-action={row?.name} disabled={row?.enabled === false} onClick={() => send(intent || { type: "action", name: row.name })}>
          {label || row.label}{row?.keys?.length > 0 && <kbd>{keyName(row.keys[0])}</kbd>}
        </button>
      )}
    </div>
  )
}
