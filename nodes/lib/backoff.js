"use strict";

const { setTimeout: sleep } = require("node:timers/promises");

const FIRST = 250;
const LONGEST = 60_000;
const FIRST_RETRY = 5_000;
const LONGEST_RETRY = 1_800_000;

/** Return how many milliseconds to wait before a try: doubling, capped, and spread so that many clients do not meet. */
function delay(failures, random = Math.random(), [first, longest] = [FIRST, LONGEST]) {
    return Math.min(longest, first * 2 ** failures) * (0.5 + random / 2);
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

/** A costly step. While it fails, it is tried less and less often, down to every half hour, however often it is asked.
 * */
class Retries {
    constructor() {
        this.failures = 0;
        this.last = null;
        this.due = 0;
    }

    /** Try it. If it failed and is not due yet, end as it did last time. A result with `trouble` is returned, but tried
     * again.
     * */
    async run(step) {
        if (this.last && performance.now() < this.due) {
            return this.last;
        }
        this.last = step();
        this.due = Infinity;
        const failed = await this.last.then(({ trouble }) => Boolean(trouble)).catch(() => true);
        this.due = failed ? performance.now() + delay(this.failures++, 1, [FIRST_RETRY, LONGEST_RETRY]) : 0;
        if (!failed) {
            this.failures = 0;
        }
        return this.last;
    }

    /** Try again at the next call: something may have changed. */
    renew() {
        this.failures = 0;
        if (this.due !== Infinity) {
            this.due = 0;
        }
    }
}

module.exports = { Retries, delay, pause };
