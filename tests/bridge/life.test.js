"use strict";

// Whether the other end of the connection is alive.

const assert = require("node:assert/strict");
const { once } = require("node:events");
const fs = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { watch } = require("../../nodes/lib/life");
const { startWorker } = require("../../nodes/lib/process");
const { TOKEN } = require("./support/peer");
const { PYTHON } = require("./support/python");
const { FakeNode, bridgeWith, deliver, inFlight, makeRED, ready } = require("./support/runtime");

const NEVER = new Promise(() => {});
const INTERVAL = 5_000;
const MISSES = 6;

/** Let rounds pass, and all that arrives after each of them arrive. */
async function rounds(t, count, between = () => {}) {
    for (let round = 0; round < count; round++) {
        t.mock.timers.tick(INTERVAL);
        await between();
    }
}

for (const remote of [false, true]) {
    const kind = remote ? "remote" : "private";

    test(`a ${kind} worker that hangs is left: its messages fail, and the next worker serves`, async (t) => {
        t.mock.timers.enable({ apis: ["setInterval"] });
        let stops = 0;
        const all = await ready(t, {
            peer: { server: { autoPong: false } },
            source: (peer) => ({
                remote,
                start: async () => ({ url: peer.url, token: TOKEN, exited: NEVER, stop: async () => stops++ }),
            }),
        });
        const { record } = await inFlight(all, { payload: 1 });
        await rounds(t, MISSES + 1);
        await record.ended;
        assert.equal(record.msg.payload.status, 503);
        const later = deliver(all.link, { payload: 2 });
        const { node } = await all.peer.ready();
        assert.equal(stops, 1);
        const { msgid } = await all.peer.next("input");
        all.peer.send({ ctx: "done", node, msgid });
        assert.equal((await later.ended).error, undefined);
        assert.ok(all.RED.lines.some((line) => /gives no sign of life any more/.test(line)));
    });

    test(`a ${kind} worker that answers pings lives, however long it says nothing else`, async (t) => {
        t.mock.timers.enable({ apis: ["setInterval"] });
        const all = await ready(t, { source: { remote } });
        const { record } = await inFlight(all, { payload: 1 });
        await rounds(t, 3 * MISSES, () => once(all.peer.socket, "ping").then(() => new Promise(setImmediate)));
        assert.equal(record.ends, 0);
        assert.equal(all.peer.requests.length, 1);
    });

    test(`a ${kind} worker whose bytes arrive lives, though it answers no ping`, async (t) => {
        t.mock.timers.enable({ apis: ["setInterval"] });
        const all = await ready(t, { peer: { server: { autoPong: false } }, source: { remote } });
        // A part of a frame: no message and no pong arrives, but bytes do.
        const bytes = all.peer.bytes({ ctx: "log", node: all.link.handle, value: "x".repeat(100) });
        await rounds(t, 3 * MISSES, async () => {
            const pinged = once(all.peer.socket, "ping");
            await new Promise((resolve) => all.peer.socket.send(bytes.subarray(0, 1), { fin: false }, resolve));
            await pinged;
            await new Promise(setImmediate);
            await new Promise(setImmediate);
        });
        assert.equal(all.peer.requests.length, 1);
        assert.equal(all.bridge.state, "up");
    });
}

test("a worker that takes images lives, though its answers wait behind them", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const socket = { bufferedAmount: 0, on() {}, ping() {} };
    const stream = { bytesRead: 100 };
    let silent = 0;
    watch(socket, stream, { interval: INTERVAL, misses: MISSES, onSilence: () => silent++ });
    socket.bufferedAmount = 1_000_000;
    await rounds(t, 50, () => (socket.bufferedAmount -= 10_000));
    assert.equal(silent, 0);
    await rounds(t, MISSES + 1);
    assert.equal(silent, 1);
    await rounds(t, 50);
    assert.equal(silent, 1);
});

test("rounds count, not time: a Node-RED that was busy for minutes has missed one", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const stream = { bytesRead: 100 };
    let silent = 0;
    const socket = { bufferedAmount: 0, on() {}, ping() {} };
    watch(socket, stream, { interval: INTERVAL, misses: MISSES, onSilence: () => silent++ });
    for (let time = 0; time < 5; time++) {
        // The timer of a process that was busy fires once, and what arrived is read after it.
        await rounds(t, MISSES - 1);
        stream.bytesRead++;
        await rounds(t, 1);
    }
    assert.equal(silent, 0);
});

test("a real worker that is stopped by a signal is killed, its messages fail, and a new one serves", async (t) => {
    if (process.platform === "win32") {
        return t.skip("there is no such signal");
    }
    const state = await fs.mkdtemp(path.join(os.tmpdir(), "plr-test-"));
    t.after(() => fs.rm(state, { recursive: true, force: true }));
    const { log } = makeRED();
    const workers = [];
    const { bridge, RED } = await bridgeWith(t, {
        timing: { lifeSigns: { interval: 200, misses: 5 } },
        source: {
            async start() {
                const worker = await startWorker(PYTHON, { state, log });
                workers.push(worker);
                return worker;
            },
        },
    });
    const node = new FakeNode();
    const link = bridge.open(node, { url: "http://127.0.0.1:9", ignoreDuring: false });
    // It answers, although nobody listens at the service's address.
    const first = await deliver(link, { payload: "no picture" }).ended;
    assert.equal(first.msg.payload.status, 400);
    process.kill(workers[0].pid, "SIGSTOP");
    const records = Array.from({ length: 100 }, () => deliver(link, { payload: "no picture" }));
    await Promise.all(records.map((record) => record.ended));
    assert.ok(records.every((record) => record.msg.payload.status === 503 && record.ends === 1));
    const later = await deliver(link, { payload: "no picture" }).ended;
    assert.equal(later.msg.payload.status, 400);
    assert.equal(await workers[0].exited, "it was ended by SIGKILL");
    assert.equal(workers.length, 2);
    assert.ok(RED.lines.some((line) => /gives no sign of life/.test(line)));
});
