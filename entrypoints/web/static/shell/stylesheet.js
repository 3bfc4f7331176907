// A style sheet that is fetched with what it is for, not with the page.

/** @type {Map<string, Promise<void>>} */
const asked = new Map();

/** @param {string} name */
function load(name) {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = `/static/styles/${name}.css`;
  return /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      link.onload = link.onerror = () => resolve();
      document.head.append(link);
    })
  );
}

/** Resolves when its rules hold; without them what it is for is plain, but works. @param {string} name in styles/, without .css */
export function stylesheet(name) {
  let found = asked.get(name);
  if (!found) asked.set(name, (found = load(name)));
  return found;
}
