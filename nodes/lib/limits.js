"use strict";

const DEFAULTS = { maxMessages: 1_000, maxMegabytes: 256, maxAge: 60 };
// As many as the worker takes.
const MOST_THREADS = 256;

/**
 * Return how many messages may be under way and how old they may become: the settings, if they are positive numbers.
 *
 * @param {object} [settings] - `plateRecognizer` of Node-RED's settings
 * @param {object} [log]
 * @returns {{maxMessages: number, maxBytes: number, maxAge: number}} `maxAge` in seconds
 */
function readLimits(settings = {}, log = undefined) {
    const read = (name) => {
        const value = settings?.[name] ?? DEFAULTS[name];
        if (typeof value === "number" && value > 0) {
            return value;
        }
        log?.warn(`plateRecognizer.${name} in the settings must be a number above 0; ${DEFAULTS[name]} is used`);
        return DEFAULTS[name];
    };
    return { maxMessages: read("maxMessages"), maxBytes: read("maxMegabytes") * 2 ** 20, maxAge: read("maxAge") };
}

/**
 * Return how many processor threads the embedded engine gets, from the settings or the environment.
 *
 * @param {object} [settings] - `plateRecognizer` of Node-RED's settings
 * @param {object} [log]
 * @returns {?number} null for all cores that it may use
 */
function readThreads(settings = {}, log = undefined) {
    const value = settings?.threads ?? (process.env.PLATE_RECOGNIZER_THREADS || null);
    if (value === null) {
        return null;
    }
    const threads = /^\d+$/.test(String(value)) ? Number(value) : 0;
    if (threads >= 1 && threads <= MOST_THREADS) {
        return threads;
    }
    log?.error(`plateRecognizer.threads must be a whole number from 1 to ${MOST_THREADS}; all cores are used`);
    return null;
}

module.exports = { readLimits, readThreads };
