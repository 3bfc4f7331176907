// What a mark on the chart stands for, opened.
import { alerts, inList } from '../alerting/alerts-state.js';
import { articles, opened } from '../news/news-state.js';
import { drawer, openView } from '../shell/layout-state.js';

/** @param {string} mark its kind and id: `news:17` */
export function openMark(mark) {
  const [kind, id] = [mark.slice(0, mark.indexOf(':')), mark.slice(mark.indexOf(':') + 1)];
  if (kind === 'news') opened.value = articles.peek().find((article) => article.id === id) ?? null;
  if (kind === 'alert') showAlert(id);
}

/** The list may be shorter than that, in another room, or in a drawer. @param {string} id */
function showAlert(id) {
  inList.value = Math.max(inList.peek(), alerts.peek().findIndex((alert) => alert.id === id) + 1);
  const item = document.getElementById(`alert-${id}`);
  if (item && !item.checkVisibility({ visibilityProperty: true })) {
    if (innerWidth < 640) openView('alerts');
    else drawer.value = 'left';
  }
  item?.focus();
}
