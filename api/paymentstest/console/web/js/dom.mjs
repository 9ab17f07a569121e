// Creates elements without markup in strings, so that nothing an application sent
// can become markup.

const SVG = 'http://www.w3.org/2000/svg';

// h creates an element: h('button', {class: 'primary', onclick: go}, 'Go').
// Children that are null, undefined or false are left out; arrays are flattened.
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

// s creates an SVG element.
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  append(element, children);
  return element;
}

// set sets an attribute, a listener (onclick) or a property (value, checked).
export function set(element, name, value) {
  if (name.startsWith('on')) {
    if (typeof value !== 'function') throw new TypeError(`${name} must be a function`);
    element.addEventListener(name.slice(2), value);
  } else if (name === 'style' || name === 'innerHTML' || name === 'srcdoc') {
    throw new TypeError(`${name} must not be set`);
  } else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'hidden' || name === 'selected') {
    element[name] = value;
  } else if (value === null || value === undefined || value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

// show replaces the children of an element.
export function show(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

// text sets an element's text if it changed, so as not to disturb screen readers
// and selections otherwise.
export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

// button creates a button with a listener.
export function button(label, onclick, props) {
  return h('button', { type: 'button', onclick, ...props }, label);
}

// field creates a label around a control, with an optional hint below.
export function field(label, control, hint) {
  return h('label', { class: 'field' }, h('span', { class: 'field-name' }, label), control,
    hint && h('span', { class: 'hint' }, hint));
}

// select creates a drop-down list; options are [value, label] pairs.
export function select(options, value, onchange, props) {
  return h('select', { onchange: (e) => onchange?.(e.target.value), ...props },
    options.map(([v, label]) => h('option', { value: v, selected: v === value }, label)));
}


export const byId = (id) => document.getElementById(id);
