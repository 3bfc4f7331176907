// Runs before the first paint, so that a chosen theme never flashes the other one.
try {
  const theme = JSON.parse(localStorage.getItem('cryptoviz.theme') ?? 'null');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
  const colours = JSON.parse(localStorage.getItem('cryptoviz.colours') ?? 'null');
  if (colours === 'classic' || colours === 'red-up') document.documentElement.dataset.colours = colours;
} catch {
  // no storage: the system's theme
}
// The words are the last that the page's modules ask for; a wrong guess costs one file (format/language.js decides).
{
  const link = document.createElement('link');
  link.rel = 'modulepreload';
  link.href = `/static/words/${/^fr/.test(navigator.languages.find((tag) => /^(en|fr)/.test(tag)) ?? 'en') ? 'fr' : 'en'}.js`;
  document.head.append(link);
}
