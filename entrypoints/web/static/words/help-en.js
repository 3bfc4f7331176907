// The words of the help in English.
/** @type {import('./help.js').HelpWords} */
export const help = {
  keys: 'Keys',
  about: 'About',
  keyList: [
    ['↑ ↓ j k', 'Pair'],
    ['1 2 3 4 5 6', 'Interval'],
    ['← →', 'Bar by bar, with Shift 20 bars'],
    ['+ −', 'Zoom'],
    ['Home End', 'First bar, live edge'],
    ['n p', 'Next, last mark'],
    ['c', 'Compare pairs'],
    ['[ ]', 'A bar back or forward in time'],
    ['Space', 'Replay or stop'],
    ['l', 'Live'],
    ['t', 'Table or chart'],
    ['a', 'Acknowledge an alert'],
    ['d', 'Dark or light'],
    ['/', 'Search'],
    [',', 'Settings'],
    ['?', 'This help'],
    ['Esc', 'Close'],
  ],
  licences: 'Made with lit-html, Preact signals, Lightweight Charts and Inter; their licences are in the folder static/vendor.',
};
