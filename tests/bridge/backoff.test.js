"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { delay, pause } = require("../../nodes/lib/backoff");

test("waits double up to a minute and are spread", () => {
    assert.deepEqual(
        [0, 1, 2].map((failures) => delay(failures, 1)),
        [250, 500, 1000],
    );
    assert.equal(delay(50, 1), 60_000);
    assert.equal(delay(50, 0), 30_000);
});

test("a pause ends at once when its signal aborts", async () => {
    const stop = new AbortController();
    const pausing = pause(20, stop.signal);
    stop.abort();
    await pausing;
    await pause(20, stop.signal);
});
