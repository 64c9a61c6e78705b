"use strict";

const { setTimeout: sleep } = require("node:timers/promises");

const FIRST = 250;
const LONGEST = 60_000;

/** Return how many milliseconds to wait before a try: doubling, capped, and spread so that many clients do not meet. */
function delay(failures, random = Math.random()) {
    return Math.min(LONGEST, FIRST * 2 ** failures) * (0.5 + random / 2);
}

/** Wait before a try; returns early when the signal aborts. Never keeps the process alive. */
async function pause(failures, signal) {
    try {
        await sleep(delay(failures), undefined, { signal, ref: false });
    } catch (error) {
        if (error.name !== "AbortError") {
            throw error;
        }
    }
}

module.exports = { delay, pause };
