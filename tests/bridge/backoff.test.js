"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Retries, delay, pause } = require("../../nodes/lib/backoff");

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

test("what failed is not done again before it is due, however often it is asked, and at once after a change", async (t) => {
    let now = 0;
    t.mock.method(performance, "now", () => now);
    const retries = new Retries();
    let tries = 0;
    const fail = async () => {
        throw new Error(`try ${++tries}`);
    };
    for (const wait of [5_000, 10_000, 20_000]) {
        await assert.rejects(retries.run(fail));
        const before = tries;
        now += wait - 1;
        await assert.rejects(retries.run(fail), new Error(`try ${before}`));
        now += 1;
    }
    for (let hour = 0; hour < 10; hour++) {
        await assert.rejects(retries.run(fail));
        now += 1_800_000;
    }
    assert.equal(tries, 13);
    await assert.rejects(retries.run(fail));
    retries.renew();
    await assert.rejects(retries.run(fail), new Error("try 15"));
});

test("a result with trouble is kept until it is due, one without is asked for each time", async (t) => {
    let now = 0;
    t.mock.method(performance, "now", () => now);
    const retries = new Retries();
    let calls = 0;
    assert.deepEqual(await retries.run(async () => ({ trouble: {}, call: ++calls })), { trouble: {}, call: 1 });
    assert.deepEqual(await retries.run(async () => ({ trouble: {}, call: ++calls })), { trouble: {}, call: 1 });
    now += 5_000;
    assert.deepEqual(await retries.run(async () => ({ call: ++calls })), { call: 2 });
    assert.deepEqual(await retries.run(async () => ({ call: ++calls })), { call: 3 });
});
