"use strict";

const DEFAULTS = { maxMessages: 1_000, maxMegabytes: 256, maxAge: 60 };

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

module.exports = { readLimits };
