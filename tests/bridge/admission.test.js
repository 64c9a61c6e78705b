"use strict";

// How many messages may be under way, how many bytes they may hold, and how old they may become.

const assert = require("node:assert/strict");
const { once } = require("node:events");
const { test } = require("node:test");
const { readLimits } = require("../../nodes/lib/limits");
const { FIELDS, HELLO, Mailbox } = require("./support/peer");
const { FakeNode, bridgeWith, deliver, inFlight, ready } = require("./support/runtime");

const MEGABYTE = 2 ** 20;
// With its frame around it, a megabyte.
const ALMOST = MEGABYTE - 1_000;
// A worker that takes large messages.
const LARGE = { hello: { ...HELLO, value: { ...HELLO.value, limit: 128 * MEGABYTE } } };

function refused(record, code = 503) {
    assert.equal(record.ends, 1);
    assert.equal(record.msg.payload.status, code);
    return record.msg.payload.error.message;
}

test("1,000 messages wait, one more is refused at once, and the refused make no room dwindle", async (t) => {
    const { bridge, peer } = await bridgeWith(t);
    const link = bridge.open(new FakeNode({ wires: [["next"], []] }), {});
    const { node } = await peer.next("open");
    const value = { needs: [], inputs: {}, patience: 0, fields: FIELDS };
    const records = Array.from({ length: 1_000 }, () => deliver(link, { payload: "x" }));
    for (let round = 0; round < 3; round++) {
        const late = deliver(link, { payload: "y" });
        assert.equal(late.error.code, 503);
        assert.match(refused(late), /Too many messages .* 1000 messages with 0.0 MB are under way/);
    }
    assert.equal(bridge.admission.count, 1_000);
    peer.send({ ctx: "ready", node, value });
    for (let count = 0; count < 1_000; count++) {
        const { msgid } = await peer.next("input");
        peer.send({ ctx: "done", node, msgid });
    }
    await Promise.all(records.map((record) => record.ended));
    assert.deepEqual([bridge.admission.count, bridge.admission.bytes], [0, 0]);
});

test("256 MB of messages wait, whatever their other properties are", async (t) => {
    const { bridge, peer } = await bridgeWith(t);
    const link = bridge.open(new FakeNode(), {});
    await peer.next("open");
    deliver(link, { payload: Buffer.alloc(100 * MEGABYTE), odd: { length: "long" } });
    deliver(link, { payload: { images: [Buffer.alloc(100 * MEGABYTE)] }, odd: { length: NaN } });
    assert.match(
        refused(deliver(link, { payload: Buffer.alloc(100 * MEGABYTE) })),
        /200.0 MB .* this one has 100.0 MB/,
    );
    deliver(link, { payload: "small" });
    assert.equal(bridge.admission.count, 3);
    link.close(false);
    assert.deepEqual([bridge.admission.count, bridge.admission.bytes], [0, 0]);
});

test("messages of all nodes are bounded together, by the settings", async (t) => {
    const { bridge, peer } = await bridgeWith(t, { settings: { maxMessages: 3, maxMegabytes: 1 } });
    const links = [bridge.open(new FakeNode(), {}), bridge.open(new FakeNode(), {})];
    await peer.next("open");
    await peer.next("open");
    deliver(links[0], { payload: Buffer.alloc(MEGABYTE / 2) });
    refused(deliver(links[1], { payload: Buffer.alloc(MEGABYTE / 2 + 1) }));
    deliver(links[1], { payload: 1 });
    deliver(links[1], { payload: 2 });
    refused(deliver(links[0], { payload: 3 }));
    links[1].close(false);
    assert.equal(deliver(links[0], { payload: 4 }).ends, 0);
});

test("settings that are no positive numbers are told, and the usual ones are used", () => {
    const said = [];
    const log = { warn: (text) => said.push(text) };
    const usual = { maxMessages: 1_000, maxBytes: 256 * MEGABYTE, maxAge: 60 };
    assert.deepEqual(readLimits({ maxMessages: -1, maxMegabytes: "256", maxAge: NaN }, log), usual);
    assert.equal(said.length, 3);
    assert.match(said[0], /plateRecognizer.maxMessages .* number above 0; 1000 is used/);
    assert.deepEqual([readLimits(), readLimits({}), readLimits(null)], [usual, usual, usual]);
    assert.equal(readLimits({ maxMegabytes: 0.5 }).maxBytes, MEGABYTE / 2);
});

test("what is handed to a worker that stopped reading is bounded, and the rest is refused", async (t) => {
    const all = await ready(t, { peer: LARGE, settings: { maxMegabytes: 32 } });
    all.peer.socket.pause();
    const records = Array.from({ length: 100 }, () => deliver(all.link, { payload: Buffer.alloc(ALMOST) }));
    assert.equal(records.filter((record) => record.ends === 0).length, 32);
    records.slice(32).forEach((record) => refused(record));
    assert.ok(all.bridge.connection.unsent <= 33 * MEGABYTE);
    all.peer.socket.resume();
    for (let count = 0; count < 32; count++) {
        const { node, msgid } = await all.peer.next("input");
        all.peer.send({ ctx: "done", node, msgid });
    }
    await Promise.all(records.map((record) => record.ended));
    assert.equal((await inFlight(all, { payload: 1 })).record.ends, 0);
});

test("what lies in the send buffer counts, also when its messages were given up", async (t) => {
    let now = 0;
    const all = await ready(t, { peer: LARGE, settings: { maxMegabytes: 32 }, timing: { now: () => now } });
    all.peer.socket.pause();
    const records = Array.from({ length: 32 }, () => deliver(all.link, { payload: Buffer.alloc(ALMOST) }));
    now = 61_000;
    all.bridge.admission.sweep();
    records.forEach((record) => refused(record, 504));
    assert.equal(all.bridge.admission.count, 0);
    // The system took some of it.
    const more = Array.from({ length: 32 }, () => deliver(all.link, { payload: Buffer.alloc(ALMOST) }));
    assert.ok(more.some((record) => record.ends === 1));
    assert.ok(all.bridge.connection.unsent <= 33 * MEGABYTE);
});

test("a picture that only its path shows counts when it is sent", async (t) => {
    const all = await ready(t, { peer: LARGE, needs: [["camera", "image"]], settings: { maxMegabytes: 1 } });
    class Camera {
        get image() {
            return Buffer.alloc(MEGABYTE + 1);
        }
    }
    const record = deliver(all.link, { camera: new Camera(), payload: 1 });
    assert.equal(refused(record).includes("Too many messages"), true);
    assert.deepEqual([all.bridge.admission.count, all.bridge.admission.bytes], [0, 0]);
});

test("a message that waits for the worker for longer than the age limit fails with its age", async (t) => {
    let now = 0;
    const { bridge, peer } = await bridgeWith(t, { settings: { maxAge: 5 }, timing: { now: () => now } });
    const node = new FakeNode();
    const link = bridge.open(node, {});
    await peer.next("open");
    const old = deliver(link, { payload: 1 });
    now = 3_000;
    const newer = deliver(link, { payload: 2 });
    now = 5_001;
    bridge.admission.sweep();
    assert.match(refused(old, 504), /5 seconds old and it was still waiting/);
    assert.equal(old.sent[0][1], old.msg);
    assert.equal(old.msg.payload.statusText, "Gateway Timeout");
    assert.equal(newer.ends, 0);
    assert.deepEqual(peer.frames.letters, []);
});

test("a message in flight may take as long as the worker is patient; then it fails and the worker is told", async (t) => {
    let now = 0;
    const all = await ready(t, { patience: 90, settings: { maxAge: 5 }, timing: { now: () => now } });
    const { record, frame } = await inFlight(all, { payload: 1 });
    now = 90_000;
    all.bridge.admission.sweep();
    assert.equal(record.ends, 0);
    now = 90_001;
    all.bridge.admission.sweep();
    assert.match(refused(record, 504), /90 seconds old and the plate recognizer worker has not answered/);
    assert.deepEqual(await all.peer.next("cancel"), { ctx: "cancel", node: frame.node, msgid: frame.msgid });
    // Its answer was on its way.
    const { node, msgid } = frame;
    all.peer.send({ ctx: "send", node, msgid, value: [[[]], null] }, { ctx: "log", node, value: "the last frame" });
    await inFlight(all, { payload: 2 });
    assert.deepEqual([record.ends, record.sent.length], [1, 1]);
});

test("one timer looks for old messages, and rests when there are none", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    let now = 0;
    const all = await ready(t, { timing: { now: () => now } });
    const records = [deliver(all.link, { payload: 1 }), deliver(all.link, { payload: 2 })];
    const { timer } = all.bridge.admission;
    assert.ok(timer);
    now = 61_000;
    t.mock.timers.tick(1_000);
    await Promise.all(records.map((record) => record.ended));
    records.forEach((record) => refused(record, 504));
    assert.equal(all.bridge.admission.timer, timer);
    t.mock.timers.tick(1_000);
    assert.equal(all.bridge.admission.timer, null);
    const next = deliver(all.link, { payload: 3 });
    now = 130_000;
    t.mock.timers.tick(1_000);
    refused(await next.ended, 504);
});

test("a Node-RED that was busy takes the answers that came meanwhile, however old their messages are", async (t) => {
    let now = 0;
    const all = await ready(t, { timing: { now: () => now } });
    const { record, frame } = await inFlight(all, { payload: 1 });
    const { node, msgid } = frame;
    // The peer lives in this process, so its answer is on its way when its bytes have left.
    await new Promise((resolve) => {
        all.peer.socket.send(all.peer.bytes({ ctx: "done", node, msgid }), resolve);
    });
    now = 600_000;
    // As the timer does it.
    setTimeout(() => all.bridge.admission.sweepSoon());
    await record.ended;
    assert.deepEqual([record.error, record.sent], [undefined, []]);
});

test("a context store that never answers holds up other messages only as long as its own may wait", async (t) => {
    let now = 0;
    const node = new FakeNode();
    const asked = new Mailbox();
    node.stores.flow.camera = (callback) => asked.put(callback);
    const inputs = { camera: { type: "flow", value: "camera" } };
    const all = await ready(t, { node, inputs, timing: { now: () => now } });
    const stuck = deliver(all.link, { payload: 1 });
    await asked.take();
    now = 50_000;
    deliver(all.link, { payload: 2 });
    now = 61_000;
    all.bridge.admission.sweep();
    refused(await stuck.ended, 504);
    (await asked.take())(null, "prompt");
    assert.deepEqual((await all.peer.next("input")).value.needs, [2]);
});

test("while the worker starts, the newest picture takes the place of the one that waits", async (t) => {
    const { bridge, peer } = await bridgeWith(t);
    const node = new FakeNode();
    const link = bridge.open(node, {}, { newestOnly: true });
    const every = new FakeNode();
    const all = bridge.open(every, {});
    await node.shows(/starting/);
    const records = [1, 2, 3].map((payload) => deliver(link, { payload }));
    const kept = [1, 2, 3].map((payload) => deliver(all, { payload }));
    assert.deepEqual(
        records.map(({ ends, error, sent }) => [ends, error, sent]),
        [
            [1, undefined, []],
            [1, undefined, []],
            [0, undefined, []],
        ],
    );
    assert.equal(node.statuses.at(-1).text, "starting");
    await peer.ready();
    await peer.ready();
    const arrived = [];
    for (let count = 0; count < 4; count++) {
        const { node: handle, value } = await peer.next("input");
        arrived.push([handle === link.handle, value.needs[0]]);
    }
    assert.deepEqual(arrived, [
        [true, 3],
        [false, 1],
        [false, 2],
        [false, 3],
    ]);
    assert.ok(kept.every((record) => record.ends === 0));
});

test("of pictures that were still looked up when the connection broke, only the newest is sent", async (t) => {
    const node = new FakeNode();
    const asked = new Mailbox();
    node.stores.flow.camera = (callback) => asked.put(callback);
    const inputs = { camera: { type: "flow", value: "camera" } };
    const { link, peer } = await ready(t, { node, inputs, traits: { newestOnly: true } });
    const records = [1, 2].map((payload) => deliver(link, { payload }));
    await asked.take();
    const broken = once(node, "status");
    peer.drop();
    await broken;
    await peer.ready({ needs: [["payload"]] });
    assert.deepEqual((await peer.next("input")).value.needs, [2]);
    assert.deepEqual([records[0].ends, records[0].error, records[0].sent], [1, undefined, []]);
});
