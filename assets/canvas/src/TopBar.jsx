// The bar: menus, undo, the document, the search field, what stands in the table under "bar", export and the look.
import { Menu } from "./Menu.jsx"
import { Saved } from "./Saved.jsx"
import { Icon, Logo, hasIcon } from "./icons.jsx"
import { keyName } from "./keyboard.js"
import { useParam, useSend } from "./link.jsx"

const LOOK_ICONS = { light: "sun", dark: "moon", projector: "projector" }

export function TopBar({ perform, look }) {
  const frame = useParam("frame"), actions = useParam("actions"), examples = useParam("examples"), send = useSend()
  const menu = (name) => actions.filter((action) => action.menu === name).map((action) => ({
    id: action.name, label: action.label, key: action.keys?.[0] && keyName(action.keys[0]), enabled: action.enabled, separator: action.separator,
    checked: name === "look" ? look.checked(action.name) : action.checked, needs: action.needs, data: { "data-action": action.name },
  }))
  const gallery = actions.find((a) => a.name === "overlay:gallery")
  const shown = [
    ...examples.map((e) => ({ id: e.id, label: e.title, hint: e.subtitle, data: { "data-example": e.id } })),
    ...(gallery ? [{ id: gallery.name, label: gallery.label, key: gallery.keys?.[0] && keyName(gallery.keys[0]), separator: true, data: { "data-action": gallery.name } }] : []),
  ]
  return (
    <header className="top">
      <div className="brand"><Logo /><h1>tpviz</h1></div>
      {["File", "Edit", "View"].map((name) => <Menu key={name} label={name} testid={name} items={menu(name)} choose={perform} />)}
      <Menu label="Examples" testid="Examples" items={shown} choose={(id) => id === gallery?.name ? perform(id) : send({ type: "example", id })} />
      <span className="sep" />
      <IconAction name="undo" actions={actions} perform={perform} />
      <IconAction name="redo" actions={actions} perform={perform} />
      <span className="sep" />
      <div className="doc" data-testid="document"><b title={frame.name}>{frame.name}</b><Saved /></div>
      <Search actions={actions} perform={perform} />
      <span className="grow" />
      {actions.filter((a) => a.menu === "bar").map((action) => <BarAction key={action.name} action={action} perform={perform} />)}
      <Menu label="Export" icon="export" testid="Export" align="right" items={menu("Export")} choose={perform} />
      <span className="sep" />
      <Menu label="Theme and type" icon={LOOK_ICONS[look.theme]} bare testid="Look" align="right" items={menu("look")} choose={perform} />
    </header>
  )
}

const titleOf = (action) => `${action.label}${action.keys?.length ? ` (${keyName(action.keys[0])})` : ""}${action.enabled === false && action.needs ? `: ${action.needs}` : ""}`

function Search({ actions, perform }) {
  const action = actions.find((a) => a.name === "overlay:palette")
  if (!action) return null
  return (
    <button className="search" data-testid="search" data-action={action.name} aria-haspopup="dialog" aria-label={action.label} title={titleOf(action)} onClick={() => perform(action.name)}>
      <Icon name="search" /><span className="ellipsis long">{action.label}</span><span className="ellipsis brief" aria-hidden="true">Commands</span><kbd>{keyName(action.keys[0])}</kbd>
    </button>
  )
}

/** A button of the bar with icon and label; the label goes when the window is narrow. */
function BarAction({ action, perform }) {
  const icon = action.name.replace(/^overlay:/, "").replace(/:.*/, "")
  return (
    <button className={action.checked ? "tb act on" : "tb act"} data-action={action.name} title={titleOf(action)} aria-label={action.label} aria-pressed={action.checked} disabled={action.enabled === false} onClick={() => perform(action.name)}>
      {hasIcon(icon) && <Icon name={icon} />}<span className={hasIcon(icon) ? "says" : ""}>{action.label}</span>
    </button>
  )
}

function IconAction({ name, actions, perform }) {
  const action = actions.find((a) => a.name === name)
  if (!action) return null
  return (
    <button className={action.enabled === false ? "ib off" : "ib"} aria-label={action.label} title={titleOf(action)} data-action={name} disabled={action.enabled === false}
      onClick={() => perform(name)}><Icon name={name} /></button>
  )
}
