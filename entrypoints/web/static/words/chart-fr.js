// What is laid over the chart, in French: fetched after the chart.
import { plural } from '../format/plural.js';

/** @param {number} n @param {string} one @param {string} other */
const forms = (n, one, other) => plural('fr', n, { one, other });

/** @type {import('./chart.js').ChartWords} */
export const chart = {
  tableOf: (pair, interval) => `Chandeliers de ${pair}, ${interval}`,
  openPrice: 'Ouverture',
  highPrice: 'Haut',
  lowPrice: 'Bas',
  closePrice: 'Clôture',
  volume: 'Volume',
  laidOver: 'Sur le graphique',
  averages: 'Moyennes de 20 et 50 clôtures',
  singleTrades: 'Transactions une à une',
  forecastCone: 'Prévisions\u00a0: ● tenues, × manquées',
  gapsInData: 'Trous dans les données',
  zoomForTrades: 'Agrandissez pour voir les transactions une à une.',
  savePicture: 'Enregistrer l’image',
  saveTable: 'Enregistrer la partie visible en CSV',
  gapMissing: (n, text) => `${text} ${forms(n, 'transaction manquée', 'transactions manquées')}`,
  gapFilled: (n, text) => `${text} ${forms(n, 'transaction rattrapée', 'transactions rattrapées')}`,
  newsThen: (title) => `Actualité\u00a0: ${title}`,
  alertThen: 'Alerte',
  forecastThen: (ahead, range, held) => `Prévision faite ${ahead} avant, ${range}\u00a0: ${held ? 'tenue' : 'manquée'}`,
  forecastsOf: (pair, ahead) => `Prévisions passées de ${pair}, à ${ahead}`,
  noneDue: 'Aucune prévision n’est encore échue.',
  noneDueThen: 'Aucune prévision n’était alors échue.',
  due: 'Échéance',
  range: 'Fourchette',
  became: 'Ce fut',
  outcome: 'Résultat',
  heldOrNot: (held) => (held ? '● tenue' : '× manquée'),
  gapsOf: (pair) => `Trous dans les transactions de ${pair}`,
  noGaps: 'Aucun trou\u00a0: toutes les transactions numérotées par la plateforme sont là.',
  until: 'Jusqu’à',
  missed: 'Manquées',
  now: 'À présent',
  gapStates: { missing: 'Manquantes', backfilled: 'Rattrapées' },
  comparedWith: (pairs) => `Comparaison\u00a0: ${pairs}`,
  onOneScale: 'Sur une échelle',
  sideBySide: 'Côte à côte',
  sinceLeft: 'En pour cent depuis le bord gauche.',
  chooseOthers: 'Choisissez jusqu’à trois paires à comparer.',
  percentOf: (pairs, interval, since) => `${pairs}, ${interval}\u00a0: clôtures en pour cent depuis le ${since}`,
  pricesOf: (pairs, interval) => `${pairs}, ${interval}\u00a0: prix de clôture`,
};
