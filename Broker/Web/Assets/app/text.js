// Text of strangers: nothing in it may hide, or turn the text around it.
import { el } from './dom.js';

// Controls but tab and line feed, marks and overrides of direction, invisible characters, separators, tags, and halves of pairs.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/u;
const everyHidden = new RegExp(hidden.source, 'gu');

const codeOf = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

/** The text as nodes, with a mark in place of each character that could not be seen. */
export function visible(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(everyHidden)) {
    if (match.index > end) {
      nodes.push(text.slice(end, match.index));
    }
    nodes.push(el('span', { class: 'hidden-char', title: 'a character that cannot be seen' }, codeOf(match[0])));
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

/** Replaces what an element shows. */
export function show(element, text) {
  if (hidden.test(text)) {
    element.replaceChildren(...visible(text));
  } else if (element.firstChild?.nodeType === Node.TEXT_NODE && !element.firstChild.nextSibling) {
    // Most texts: the node stays, which is what a thousand messages per second can afford.
    element.firstChild.data = text;
  } else {
    element.textContent = text;
  }
}

/** A name or another short text of a stranger, on its own in the line. */
export const isolated = (text, attributes = {}) => el('bdi', attributes, ...visible(text));

const two = (number) => String(number).padStart(2, '0');

/** 14:03:07.042 */
export function timeOf(milliseconds) {
  const time = new Date(milliseconds);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

export function sizeOf(bytes) {
  return bytes < 1000 ? `${bytes} B` : bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Numbers that JavaScript cannot hold keep their digits, where the browser knows how (JSON.rawJSON). */
export function parse(text) {
  return JSON.rawJSON && /\d{16}|[eE][+-]?\d/.test(text)
    ? JSON.parse(text, (_, value, context) => (typeof value === 'number' && context?.source && String(value) !== context.source ? JSON.rawJSON(context.source) : value))
    : JSON.parse(text);
}

const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with its parts marked, for a <pre>. */
export function coloured(json) {
  const nodes = [];
  let end = 0;
  for (const match of json.matchAll(tokens)) {
    nodes.push(json.slice(end, match.index));
    const [whole, string, colon] = match;
    nodes.push(el('span', { class: colon ? 'json-key' : string ? 'json-text' : 'json-word' }, ...visible(string ?? whole)), colon ?? '');
    end = match.index + whole.length;
  }
  nodes.push(...visible(json.slice(end)));
  return nodes;
}
