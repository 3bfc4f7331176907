// Dark or light: the reader's choice, else the system's. The chosen one is `data-theme` on <html>.
import { computed, effect, signal } from '../vendor/signals/signals.js';
import { colours, theme } from './settings.js';

const system = matchMedia('(prefers-color-scheme: light)');
const systemIsLight = signal(system.matches);
system.addEventListener('change', () => (systemIsLight.value = system.matches));

/** The theme in use. */
export const shade = computed(() => (theme.value === 'auto' ? (systemIsLight.value ? 'light' : 'dark') : theme.value));

export function toggleTheme() {
  theme.value = shade.peek() === 'dark' ? 'light' : 'dark';
}

effect(() => {
  document.documentElement.dataset.theme = shade.value;
  document.documentElement.dataset.colours = colours.value;
  const bar = document.querySelector('meta[name="theme-color"]');
  bar?.setAttribute('content', shade.value === 'dark' ? '#12161f' : '#ffffff');
});
