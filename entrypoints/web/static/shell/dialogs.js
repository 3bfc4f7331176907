// <cv-help>: keys and about. <cv-feeds-dialog>: all that is known of the feeds.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { laterWords } from '../format/later-words.js';
import { Dialog } from './dialog.js';
import { dialog } from './layout-state.js';
import { server } from './server-state.js';
import { shortcuts } from './settings.js';

const helpWords = await laterWords({
  en: async () => (await import('../words/help-en.js')).help,
  fr: async () => (await import('../words/help-fr.js')).help,
});

class Help extends Dialog {
  heading() {
    return words.value.help;
  }

  shut() {
    if (dialog.peek() === 'help') dialog.value = null;
  }

  view() {
    if (dialog.value !== 'help') return nothing;
    const h = helpWords.value;
    return html`
      <h3>${h.keys}</h3>
      <label class="switch"><input type="checkbox" .checked=${shortcuts.value} @change=${() => (shortcuts.value = !shortcuts.value)} />${words.value.keysOn}</label>
      <dl class="keys">
        ${h.keyList.map(([keys, meaning]) => html`<div><dt>${keys.split(' ').map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${meaning}</dd></div>`)}
      </dl>
      <h3>${h.about}</h3>
      <p>CryptoViz ${server.value?.version ?? ''}</p>
      <p>
        TradingView Lightweight Charts™<br />Copyright (c) 2026 TradingView, Inc.
        <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">https://www.tradingview.com/</a>
      </p>
      <p class="quiet">${h.licences}</p>`;
  }
}

class FeedsDialog extends Dialog {
  heading() {
    return words.value.feeds;
  }

  shut() {
    if (dialog.peek() === 'feeds') dialog.value = null;
  }

  view() {
    return dialog.value === 'feeds' ? html`<cv-feed-table></cv-feed-table>` : nothing;
  }
}

customElements.define('cv-help', Help);
customElements.define('cv-feeds-dialog', FeedsDialog);
