// The frame of every page: the theme, and what is the same everywhere.
import { byId, el } from './dom.js';
import { server } from './session.js';

const themes = ['system', 'light', 'dark'];

function chosenTheme() {
  return document.documentElement.dataset.theme ?? 'system';
}

function useTheme(theme) {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  try {
    if (theme === 'system') {
      localStorage.removeItem('claw.theme');
    } else {
      localStorage.setItem('claw.theme', theme);
    }
  } catch {
    // For this page only.
  }
}

const themeButton = el('button', { class: 'quiet', type: 'button', id: 'theme' });
const nameTheme = () => {
  themeButton.textContent = { system: '◐', light: '☀', dark: '☾' }[chosenTheme()];
  themeButton.setAttribute('aria-label', `Theme: ${chosenTheme()}`);
  themeButton.title = themeButton.getAttribute('aria-label');
};
themeButton.addEventListener('click', () => {
  useTheme(themes[(themes.indexOf(chosenTheme()) + 1) % themes.length]);
  nameTheme();
});
nameTheme();
byId('tools').append(themeButton);

for (const link of document.querySelectorAll('.bar nav a')) {
  const { pathname } = new URL(link.href);
  const isHere = pathname === '/docs' ? location.pathname.startsWith('/docs') && location.pathname !== '/docs/api' : location.pathname === pathname;
  if (isHere) {
    link.setAttribute('aria-current', 'page');
  }
}

server().then(({ version }) => { byId('version').textContent = version; }, () => {});
