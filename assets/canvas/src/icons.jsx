// Icons of 16 px and the pictures of the palette; the paths are those of the look.
const PATHS = {
  undo: "M6 3.5L2.8 6.7L6 9.9M3 6.7H9.6A3.3 3.3 0 0 1 9.6 13.3H6.5",
  redo: "M10 3.5L13.2 6.7L10 9.9M13 6.7H6.4A3.3 3.3 0 0 0 6.4 13.3H9.5",
  export: "M8 2.4V10M5 5.2L8 2.2L11 5.2M2.8 10.5V13.4H13.2V10.5",
  sun: "M8 5A3 3 0 1 1 8 11A3 3 0 1 1 8 5ZM8 1.4V2.8M8 13.2V14.6M1.4 8H2.8M13.2 8H14.6M3.3 3.3L4.3 4.3M11.7 11.7L12.7 12.7M12.7 3.3L11.7 4.3M4.3 11.7L3.3 12.7",
  moon: "M13.4 9.6A5.8 5.8 0 1 1 6.4 2.6A4.6 4.6 0 0 0 13.4 9.6Z",
  caret: "M4.5 6.3L8 9.8L11.5 6.3",
  left: "M9.8 3.6L5.4 8L9.8 12.4",
  right: "M6.2 3.6L10.6 8L6.2 12.4",
  up: "M4.5 9.7L8 6.2L11.5 9.7",
  pin: "M8 9.6V14M5 9.6H11M6 2.4H10L9.4 6L11 9.6H5L6.6 6Z",
  plus: "M8 3.4V12.6M3.4 8H12.6",
  minus: "M3.4 8H12.6",
  fit: "M2.6 5.6V2.6H5.6M10.4 2.6H13.4V5.6M13.4 10.4V13.4H10.4M5.6 13.4H2.6V10.4",
  check: "M3 8.4L6.4 11.8L13 4.6",
  error: "M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2ZM8 4.8V8.8M8 10.8V11.2",
  warning: "M8 2.4L14.2 13.2H1.8ZM8 6.4V9.6M8 11.3V11.5",
  open: "M2.4 12.8V3.6H6L7.6 5.4H12.2V7M2.4 12.8L4.4 7H14.2L12.4 12.8Z",
  text: "M3 4H13M3 8H10M3 12H11.6",
  search: "M7 2.8A4.2 4.2 0 1 1 7 11.2A4.2 4.2 0 1 1 7 2.8ZM10.2 10.2L13.6 13.6",
  lecture: "M1.8 2.6H14.2M3 2.6V9.8H13V2.6M8 9.8V11.6M5.4 14L8 11.6L10.6 14",
  share: "M6.6 9.4L9.4 6.6M7.2 4.6L8.8 3A2.8 2.8 0 0 1 13 7L11.4 8.6M8.8 11.4L7.2 13A2.8 2.8 0 0 1 3 9L4.6 7.4",
  compare: "M2.4 3H6.6V13H2.4ZM9.4 3H13.6V13H9.4Z",
  book: "M8 4.2C6.8 3.2 4.6 2.8 2.2 3V12.4C4.6 12.2 6.8 12.6 8 13.6C9.2 12.6 11.4 12.2 13.8 12.4V3C11.4 2.8 9.2 3.2 8 4.2ZM8 4.2V13.6",
  print: "M4.4 6V2.4H11.6V6M4.4 11H2.4V6H13.6V11H11.6M4.4 9.2H11.6V13.6H4.4Z",
  projector: "M8 2.4A5.6 5.6 0 1 1 8 13.6A5.6 5.6 0 1 1 8 2.4ZM8 2.4V13.6M8 5.2H12.8M8 8H13.6M8 10.8H12.8",
  history: "M2.6 4.4V7.4H5.6M2.9 7.2A5.4 5.4 0 1 1 3.4 10.8M8 5.2V8.2L10.2 9.6",
  swap: "M3 5.6H12.4M9.8 3L12.6 5.6L9.8 8.2M13 10.6H3.6M6.2 8L3.4 10.6L6.2 13.2",
  close: "M4 4L12 12M12 4L4 12",
}

export const hasIcon = (name) => name in PATHS

export function Icon({ name, small = false }) {
  return <svg className={small ? "ic sm" : "ic"} viewBox="0 0 16 16" aria-hidden="true"><path d={PATHS[name]} /></svg>
}

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 40 24" aria-hidden="true">
      <circle cx="8" cy="12" r="6" /><path d="M14 12H20" /><path d="M20 5H26A7 7 0 0 1 26 19H20Z" /><path d="M33 12H39" strokeDasharray="3 2" />
    </svg>
  )
}

const HEAD = "M13 0L5-3.4V3.4Z"
const PICTURES = {
  select: <path className="ps" d="M-6-9L8 1.5L1.6 2.6L4.8 8.8L2 10.2L-1.2 4L-6 8Z" />,
  vector: <circle className="ps" r="9.5" />,
  scalar: <path className="ps" d="M-8.5-8.5H8.5V8.5H-8.5Z" />,
  nonlin: <path className="ps" d="M-8.5-9.5H0A9.5 9.5 0 0 1 0 9.5H-8.5Z" />,
  lincomb: <path className="ps" d="M-8.5-9.5H0A9.5 9.5 0 0 1 0 9.5H-8.5ZM-5 0H5M0-5V5" />,
  moment: <><path className="ps" d="M-10.5-9.5H-2A9.5 9.5 0 0 1-2 9.5H-10.5Z" /><path className="ps hv" d="M11-9.5V9.5" /></>,
  matmul: <><path className="ps" d="M-12 0H7" strokeDasharray="4.5 3" /><path className="pf" d={HEAD} /></>,
  wire: <><path className="ps" d="M-12 0H7" /><path className="pf" d={HEAD} /></>,
  input: <path className="ps" d="M-6-6.5H6A6.5 6.5 0 0 1 6 6.5H-6A6.5 6.5 0 0 1-6-6.5Z" />,
  readout: <path className="ps" d="M-8.5-8.5H8.5V8.5H-8.5ZM-5.5-5.5H5.5V5.5H-5.5Z" />,
}

export const Picture = ({ tool }) => <svg className="pic" viewBox="-15 -15 30 30" aria-hidden="true">{PICTURES[tool]}</svg>
