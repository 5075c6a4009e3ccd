// What Panel's ReactComponent expects of a precompiled bundle.
import * as React from "react"
import { createRoot } from "react-dom/client"
import * as EditorView from "./EditorView.jsx"

export default { EditorView, React, createRoot }
