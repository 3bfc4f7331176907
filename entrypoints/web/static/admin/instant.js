// What a <input type="datetime-local"> gives is a time in the zone that the page is set to.
import { zoneLabel, zoneName } from '../format/time.js';

/** As the API wants it; empty when incomplete. @param {string} typed */
export const instant = (typed) => (typed ? new Date(zoneName.value === 'UTC' ? `${typed}Z` : typed).toISOString() : ''); // without a zone it is the browser's own

/** The field's name, with the zone. @param {string} name */
export const inZone = (name) => `${name} (${zoneLabel.value})`;
