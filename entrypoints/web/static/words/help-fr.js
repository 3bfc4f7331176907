// The words of the help in French.
/** @type {import('./help.js').HelpWords} */
export const help = {
  keys: 'Touches',
  about: 'À propos',
  keyList: [
    ['↑ ↓ j k', 'Paire'],
    ['1 2 3 4 5 6', 'Intervalle'],
    ['← →', 'Barre par barre, avec Maj 20 barres'],
    ['+ −', 'Échelle'],
    ['Home End', 'Première barre, direct'],
    ['n p', 'Repère suivant, précédent'],
    ['c', 'Comparer des paires'],
    ['[ ]', 'Une barre en arrière ou en avant dans le temps'],
    ['Espace', 'Rejouer ou arrêter'],
    ['l', 'Direct'],
    ['t', 'Tableau ou graphique'],
    ['a', 'Prendre en compte une alerte'],
    ['d', 'Sombre ou clair'],
    ['/', 'Rechercher'],
    [',', 'Réglages'],
    ['?', 'Cette aide'],
    ['Esc', 'Fermer'],
  ],
  licences: 'Fait avec lit-html, Preact signals, Lightweight Charts et Inter\u00a0; leurs licences sont dans le dossier static/vendor.',
};
