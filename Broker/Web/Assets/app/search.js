// Searches the documentation in the browser: all pages come once, as one text.
import { debounced, el } from './dom.js';

const maxResults = 12;
const snippetLength = 110;

let loading;

/** The sections of all pages: address, page, heading, text. */
async function load() {
  const response = await fetch('/llms-full.txt');
  if (!response.ok) {
    throw new Error(`${response.status} ${response.statusText}`);
  }
  return (await response.text()).split(/^<!-- (?=\/docs\/)/m).slice(1).flatMap((page) => {
    const [url, text] = page.split(' -->\n', 2);
    return sectionsOf(url, text);
  });
}

// As GitHub makes anchors.
const anchorOf = (heading) => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-');

function sectionsOf(url, text) {
  let page = '';
  return text.replace(/^```.*?^```/gms, (code) => code.replace(/^#/gm, ' #')).split(/^(?=#{1,3} )/m).filter((part) => part.startsWith('#')).map((part) => {
    const [first] = part.split('\n', 1);
    const heading = first.replace(/^#+ /, '').replace(/`/g, '');
    page ||= heading;
    return { url: heading === page ? url : `${url}#${anchorOf(heading)}`, page, heading, text: part.slice(first.length).replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*|\n\r]+/g, ' ').replace(/ +/g, ' ') };
  });
}

function rank({ page, heading, text }, words) {
  let score = 0;
  for (const word of words) {
    const inHeading = heading.toLowerCase().includes(word) ? 20 : 0;
    const inPage = page.toLowerCase().includes(word) ? 8 : 0;
    const inText = Math.min(4, text.toLowerCase().split(word).length - 1);
    if (inHeading + inPage + inText === 0) {
      return 0;
    }
    score += inHeading + inPage + inText;
  }
  return score;
}

function snippetOf(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  return `${at > 0 ? '…' : ''}${text.slice(at, at + snippetLength).trim()}…`;
}

/** `<claw-search>`: a field, and the best sections below it. */
class ClawSearch extends HTMLElement {
  connectedCallback() {
    this.input = el('input', {
      id: 'search', type: 'search', placeholder: 'Search the docs  ( / )', autocomplete: 'off', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'found', 'aria-autocomplete': 'list',
    });
    this.list = el('ul', { id: 'found', role: 'listbox', 'aria-label': 'Found', hidden: true });
    this.replaceChildren(el('label', { for: 'search', class: 'unseen' }, 'Search the documentation'), this.input, this.list);
    this.input.addEventListener('focus', () => { loading ??= load(); });
    this.input.addEventListener('input', debounced(80, () => this.#find()));
    this.input.addEventListener('keydown', (event) => this.#move(event));
    addEventListener('keydown', (event) => {
      if (event.key === '/' && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) {
        event.preventDefault();
        this.input.focus();
      }
    });
    addEventListener('click', (event) => { if (!this.contains(event.target)) { this.#show([]); } });
  }

  async #find() {
    const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) {
      this.#show([]);
      return;
    }
    try {
      const sections = await (loading ??= load());
      const found = sections.map((section) => ({ section, score: rank(section, words) })).filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score).slice(0, maxResults);
      this.#show(found.length === 0 ? [el('li', { class: 'empty' }, 'Nothing found.')] : found.map(({ section }, index) => this.#item(section, index, words[0])));
    } catch (error) {
      loading = undefined;
      this.#show([el('li', { class: 'empty' }, `The documentation could not be loaded: ${error.message}`)]);
    }
  }

  #item({ url, page, heading, text }, index, word) {
    const item = el('li', { role: 'option', id: `found-${index}`, 'aria-selected': 'false' },
      el('a', { href: url, tabindex: '-1' }, el('strong', {}, heading), el('small', {}, heading === page ? '' : page), el('span', {}, snippetOf(text, word))));
    return item;
  }

  #show(items) {
    this.list.replaceChildren(...items);
    this.list.hidden = items.length === 0;
    this.input.setAttribute('aria-expanded', String(items.length > 0));
    this.input.removeAttribute('aria-activedescendant');
  }

  #move(event) {
    const items = [...this.list.querySelectorAll('[role=option]')];
    const now = items.findIndex((item) => item.getAttribute('aria-selected') === 'true');
    if (event.key === 'Escape') {
      this.#show([]);
    } else if (event.key === 'Enter' && items.length > 0) {
      event.preventDefault();
      location.href = items[Math.max(0, now)].firstChild.href;
      this.#show([]);
    } else if (['ArrowDown', 'ArrowUp'].includes(event.key) && items.length > 0) {
      event.preventDefault();
      const next = (now + (event.key === 'ArrowDown' ? 1 : items.length - (now < 0 ? 0 : 1))) % items.length;
      items.forEach((item, index) => item.setAttribute('aria-selected', String(index === next)));
      items[next].scrollIntoView({ block: 'nearest' });
      this.input.setAttribute('aria-activedescendant', items[next].id);
    }
  }
}

customElements.define('claw-search', ClawSearch);
