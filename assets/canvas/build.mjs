// Bundles the editor window into the Python package: one script, one style sheet, one file of licences.
// Nothing in the output depends on the machine or the time, so CI can compare it with what is committed.
//   node build.mjs                      release build into tpviz/editor/dist
//   node build.mjs --development DIR    React's development build, for hunting warnings
import * as esbuild from "esbuild"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const here = path.dirname(fileURLToPath(import.meta.url))
const development = process.argv.includes("--development")
const dist = development ? path.resolve(process.argv.at(-1)) : path.resolve(here, "../../tpviz/editor/dist")
const katexDist = path.join(here, "node_modules/katex/dist")

// The faces that the labels use; bold and sans-serif mathematics do not occur.
const FACES = /KaTeX_(Main-Regular|Main-Bold|Main-Italic|Math-Italic|AMS-Regular|Caligraphic-Regular|Script-Regular|Size[1-4]-Regular)\.woff2/
const FACE_RULE = /@font-face\s*{[^}]*}/g

const katexCss = fs.readFileSync(path.join(katexDist, "katex.css"), "utf8")
const fontFaces = katexCss.match(FACE_RULE).filter((rule) => FACES.test(rule)).map((rule) => {
  const file = /fonts\/(KaTeX[^)]*\.woff2)/.exec(rule)[1]
  const data = fs.readFileSync(path.join(katexDist, "fonts", file)).toString("base64")
  return rule.replace(/src:[^;}]*/s, `src:url(data:font/woff2;base64,${data}) format("woff2")`)
})

/** Serves the two parts of katex.css: the faces as a string for document.head, the rules for the shadow root. */
const katexParts = {
  name: "katex-parts",
  setup(build) {
    build.onResolve({ filter: /^virtual:katex/ }, ({ path }) => ({ path, namespace: "katex" }))
    build.onLoad({ filter: /fonts$/, namespace: "katex" }, () => ({ contents: fontFaces.join("\n"), loader: "text" }))
    build.onLoad({ filter: /rules$/, namespace: "katex" }, () => ({ contents: katexCss.replace(FACE_RULE, ""), loader: "css" }))
  },
}

/** Sizes of type in our style sheets follow --fs, the size that the user chose (90 to 130 %). */
const scaled = (px) => `calc(${px}px*var(--fs,1))`
const scaledType = {
  name: "scaled-type",
  setup(build) {
    build.onLoad({ filter: /src[\\/]styles[\\/][^\\/]+\.css$/ }, ({ path: file }) => ({
      loader: "css",
      contents: fs.readFileSync(file, "utf8").replace(/\b(font-size|line-height):([\d.]+)px/g, (_, name, px) => `${name}:${scaled(px)}`)
        .replace(/\bfont:((?:[\w]+ )*)([\d.]+)px(?:\/([\d.]+)px)?/g, (_, before, px, line) => `font:${before}${scaled(px)}${line ? `/${scaled(line)}` : ""}`),
    }))
  },
}

fs.mkdirSync(dist, { recursive: true })
const common = { bundle: true, minify: !development, target: "es2020", plugins: [katexParts, scaledType], legalComments: "none", absWorkingDir: here, logLevel: "warning" }
const script = await esbuild.build({
  ...common, entryPoints: ["src/index.js"], outfile: path.join(dist, "editor.bundle.js"), format: "esm", jsx: "automatic", metafile: true,
  define: { "process.env.NODE_ENV": development ? '"development"' : '"production"' }, jsxDev: false,
})
await esbuild.build({ ...common, entryPoints: ["src/styles/index.css"], outfile: path.join(dist, "editor.bundle.css") })

const packages = new Set(["katex"])
for (const input of Object.keys(script.metafile.inputs)) {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]
  if (name) packages.add(name)
}
const licences = [...packages].sort().map((name) => {
  const folder = path.join(here, "node_modules", name)
  const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"))
  const file = fs.readdirSync(folder).find((f) => /^licen[cs]e/i.test(f))
  return `${name} ${version} (${license})\n\n${file ? fs.readFileSync(path.join(folder, file), "utf8").trim() : ""}\n`
})
fs.writeFileSync(path.join(dist, "LICENSES.txt"), licences.join(`\n${"-".repeat(80)}\n\n`))
for (const file of ["editor.bundle.js", "editor.bundle.css"]) console.log(file, fs.statSync(path.join(dist, file)).size)
