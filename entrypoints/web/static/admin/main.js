// The admin pages begin here: the frame around them, and what any of them may open.
import './frame.js';
import './sheet.js';
import '../shell/account-dialog.js';
import '../shell/theme.js';
