// Before the page is drawn: the theme that was chosen, if one was.
(() => {
  try {
    const chosen = localStorage.getItem('claw.theme');
    if (chosen) {
      document.documentElement.dataset.theme = chosen;
    }
  } catch {
    // A browser that keeps nothing has the theme of its system.
  }
})();
