// Arrow keys walk the graph: left and right along the edges, up and down to what is nearest.

const nearest = (nodes, cost) => nodes.reduce((best, node) => best === null || cost(node) < cost(best) ? node : best, null)

const left = (n) => n.x * 4 + n.y

/** The node that `direction` (left, right, up, down, first, last) leads to from `from`, or null. `nodes` carry x and y. */
export function step({ nodes, edges }, from, direction) {
  const here = nodes.find((node) => node.id === from)
  if (direction === "last") return nearest(nodes, (n) => -left(n))?.id ?? null
  if (!here || direction === "first") return nearest(nodes, left)?.id ?? null
  if (direction === "left" || direction === "right") {
    const [mine, other] = direction === "left" ? ["target", "source"] : ["source", "target"]
    const ids = new Set(edges.filter((edge) => edge[mine] === from).map((edge) => edge[other]))
    return nearest(nodes.filter((node) => ids.has(node.id)), (n) => Math.abs(n.y - here.y))?.id ?? null
  }
  const sign = direction === "up" ? -1 : 1
  return nearest(nodes.filter((node) => sign * (node.y - here.y) > 8), (n) => Math.abs(n.y - here.y) + 1.5 * Math.abs(n.x - here.x))?.id ?? null
}
