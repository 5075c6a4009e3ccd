// What can stand over the window, by name: an action "overlay:<name>" or Python's patch {type: "overlay", name} opens it.
// Each is a component ({ close, perform, api, ...what the patch brought }).
export const OVERLAYS = {}
