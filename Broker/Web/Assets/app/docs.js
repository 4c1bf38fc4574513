import { copyButton } from './dom.js';
import './search.js';
import './shell.js';

for (const block of document.querySelectorAll('.prose pre')) {
  // It can be scrolled, so it can be reached by keys.
  block.tabIndex = 0;
  const text = block.textContent;
  const holder = document.createElement('div');
  holder.className = 'code';
  block.replaceWith(holder);
  holder.append(block, copyButton(() => text));
}

for (const [index, table] of document.querySelectorAll('.prose table').entries()) {
  const holder = document.createElement('div');
  holder.className = 'table';
  table.replaceWith(holder);
  holder.append(table);
  if (holder.scrollWidth > holder.clientWidth) {
    Object.assign(holder, { tabIndex: 0, role: 'group', ariaLabel: `Table ${index + 1}` });
  }
}

for (const heading of document.querySelectorAll('.prose :is(h2, h3)[id]')) {
  const link = document.createElement('a');
  Object.assign(link, { href: `#${heading.id}`, className: 'anchor', textContent: '#', ariaLabel: `Link to ${heading.textContent}` });
  heading.append(link);
}

document.querySelector('.docs-side [aria-current=page]')?.scrollIntoView({ block: 'center' });
if (location.hash) {
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
} else {
  scrollTo(0, 0);
}
