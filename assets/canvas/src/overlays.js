// What can stand over the window, by name: an action "overlay:<name>" or Python's patch {type: "overlay", name} opens it.
// Each is a component ({ close, perform, api, ...what the patch brought }).
import { CommandPalette } from "./CommandPalette.jsx"
import { Gallery } from "./Gallery.jsx"
import { HelpSheet } from "./HelpSheet.jsx"
import { HistoryList } from "./HistoryList.jsx"
import { OpenLink } from "./OpenLink.jsx"
import { Recover } from "./Recover.jsx"
import { Share } from "./Share.jsx"
import { Snapshots } from "./Snapshots.jsx"
import { Tour } from "./Tour.jsx"

export const OVERLAYS = { palette: CommandPalette, help: HelpSheet, gallery: Gallery, tour: Tour, history: HistoryList, recover: Recover, snapshots: Snapshots, share: Share, "open-link": OpenLink }
