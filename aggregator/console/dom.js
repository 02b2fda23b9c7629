// Elements, made and changed without touching what has not changed. Text from drones and edges is hostile: it only ever
// becomes textContent.

/** @param properties `className`, `text`, `type`, and attributes by name */
export function make(tag, { className, text, ...attributes } = {}, children = []) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** `value` null: without the attribute. */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * These nodes, in this order, and no others become the children of a list. What is in its place already is not touched,
 * and `still`, which may have the focus or a finger on it, never is.
 */
export function arrange(list, nodes, still = null) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  let next = null;
  for (const node of nodes.toReversed()) {
    if (node !== still && (node.parentNode !== list || node.nextSibling !== next)) list.insertBefore(node, next);
    next = node;
  }
}

/** Calls `draw` once in the next frame, however often it is asked to; a page that nobody sees draws once a second. */
export function onceAFrame(draw) {
  let queued = false;
  return () => {
    if (queued) return;
    queued = true;
    const run = () => {
      if (!queued) return;
      queued = false;
      draw();
    };
    requestAnimationFrame(run);
    if (document.hidden) setTimeout(run, 1000);
  };
}
