// Elements, made of text alone.

/** @param properties `className`, `text`, and attributes by name */
export function make(tag, { className, text, ...attributes } = {}, children = []) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Text, with what stands between backticks as code. */
export function prose(text = "") {
  return text.split("`").map((part, i) => i % 2 === 1 ? make("code", { text: part }) : part);
}
