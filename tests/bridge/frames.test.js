"use strict";

// What a worker that does not keep to the protocol can do: break its own connection, and nothing else.

const assert = require("node:assert/strict");
const { once } = require("node:events");
const { test } = require("node:test");
const { complaint } = require("../../nodes/lib/frames");
const { encode } = require("../../nodes/lib/values");
const { numbers } = require("./support/numbers");
const { FIELDS } = require("./support/peer");
const { FakeNode, deliver, inFlight, ready } = require("./support/runtime");

const edits = [[["payload", 0], { any: "value" }]];

const RIGHT = {
    hello: { ctx: "hello", value: { protocol: 2, versions: {}, limit: 5 } },
    ready: {
        ctx: "ready",
        node: 1,
        value: { needs: [["req", 0]], inputs: { a: { type: "env", value: "" } }, patience: 2.5, fields: FIELDS },
    },
    requires: { ctx: "requires", node: 1, value: { extra: "embedded", message: "install it" } },
    status: { ctx: "status", node: 1, value: { fill: "red", text: "x" } },
    send: { ctx: "send", node: 1, msgid: 2, value: [null, [edits, []]] },
    done: { ctx: "done", node: 1, msgid: 2 },
    error: { ctx: "error", node: 1, msgid: 2, value: { message: "x", code: 400, edits } },
    log: { ctx: "log", node: 1, value: "x" },
    warn: { ctx: "warn", node: 1, value: "x" },
};

const WRONG = [
    ["no map", [1]],
    ["no map", null],
    ["no map", new Date()],
    ["no kind", { node: 1 }],
    ["another kind", { ctx: 5 }],
    ["value", { ctx: "requires", node: 1 }],
    ["value", { ctx: "requires", node: 1, value: null }],
    ["value.extra", { ctx: "requires", node: 1, value: { message: "x" } }],
    ["value.message", { ctx: "requires", node: 1, value: { extra: "embedded", message: 5 } }],
    ["value", { ctx: "ready", node: 1, value: "x" }],
    ["value.needs", { ctx: "ready", node: 1, value: { inputs: {} } }],
    ["value.needs", { ctx: "ready", node: 1, value: { needs: [[]], inputs: {} } }],
    ["value.needs", { ctx: "ready", node: 1, value: { needs: [[{}]], inputs: {} } }],
    ["value.inputs", { ctx: "ready", node: 1, value: { needs: [], inputs: { a: null } } }],
    ["value.patience", { ctx: "ready", node: 1, value: { needs: [], inputs: {}, patience: Infinity } }],
    ["value.patience", { ctx: "ready", node: 1, value: { needs: [], inputs: {}, patience: -1 } }],
    ["value", { ctx: "status", node: 1, value: { text: {} } }],
    ["node", { ctx: "status", node: "1", value: {} }],
    ["value.patience", { ctx: "ready", node: 1, value: { needs: [], inputs: {}, fields: FIELDS } }],
    ["value.fields", { ctx: "ready", node: 1, value: { needs: [], inputs: {}, patience: 1 } }],
    ["value.fields", { ctx: "ready", node: 1, value: { needs: [], inputs: {}, patience: 1, fields: { output: "a" } } }],
    ["msgid", { ctx: "send", node: 1, msgid: "x", value: [] }],
    ["value", { ctx: "send", node: 1, msgid: 2 }],
    ["value", { ctx: "send", node: 1, msgid: 2, value: [[[[[], 1]]]] }],
    ["value", { ctx: "send", node: 1, msgid: 2, value: [[[["payload", 1]]]] }],
    ["msgid", { ctx: "done", node: 1, msgid: 1.5 }],
    ["value.message", { ctx: "error", node: 1, value: {} }],
    ["value.edits", { ctx: "error", node: 1, msgid: 2, value: { message: "x", code: 1, edits: [1] } }],
    ["value", { ctx: "log", node: 1, value: null }],
];

test("every frame of the protocol is right, and an unknown one is as well", () => {
    for (const frame of [...Object.values(RIGHT), { ctx: "novelty" }]) {
        assert.equal(complaint(frame), "");
    }
});

for (const [what, frame] of WRONG) {
    test(`the frame ${JSON.stringify(frame)} closes the connection, with a reason that names what is wrong`, async (t) => {
        const all = await ready(t);
        const { record } = await inFlight(all, { payload: 1 });
        const closed = once(all.peer.socket, "close");
        all.peer.send(frame);
        const [code, reason] = await closed;
        assert.equal(code, 4002);
        assert.ok(
            String(reason).includes(
                what.startsWith("value") || what === "node" || what === "msgid" ? what : "no frame",
            ),
        );
        assert.equal((await record.ended).msg.payload.status, 503);
        await all.peer.ready();
        await inFlight(all, { payload: 2 });
    });
}

test("a reason that is too long for a close frame is cut between two characters", async (t) => {
    const all = await ready(t);
    const closed = once(all.peer.socket, "close");
    // An answer that cannot be decoded: the error's text is MessagePack's.
    all.peer.socket.send(Buffer.from([0xc1]));
    const [code, reason] = await closed;
    assert.equal(code, 4002);
    assert.ok(reason.length <= 123);
    assert.ok(!String(reason).includes("\ufffd"));
});

test("a second ready sends no message twice", async (t) => {
    const all = await ready(t);
    const { record } = await inFlight(all, { payload: 1 });
    const { handle } = all.link;
    all.peer.send({ ctx: "ready", node: handle, value: { ...RIGHT.ready.value, needs: [["payload"]], inputs: {} } });
    all.peer.send({ ctx: "status", node: handle, value: { text: "read" } });
    await all.node.shows(/read/);
    const next = await inFlight(all, { payload: 2 });
    assert.deepEqual(next.frame.value.needs, [2]);
    assert.equal(record.ends, 0);
});

test("a node that cannot show what a frame says harms no other node", async (t) => {
    const all = await ready(t);
    const other = all.bridge.open(new FakeNode(), {});
    await all.peer.ready();
    all.node.status = () => {
        throw new Error("no status today");
    };
    all.peer.send({ ctx: "status", node: all.link.handle, value: { text: "x" } });
    await inFlight({ link: other, peer: all.peer }, { payload: 1 });
    assert.equal(all.peer.requests.length, 1);
});

/** Whatever can stand in a frame. */
function anything(next, depth = 0) {
    const simple = [
        0,
        1,
        2,
        -1,
        1.5,
        "",
        "payload",
        "send",
        "__proto__",
        null,
        undefined,
        true,
        NaN,
        2 ** 60,
        Buffer.from("x"),
    ];
    const kind = next(depth > 3 ? 1 : 4);
    if (kind === 1) {
        return Array.from({ length: next(4) }, () => anything(next, depth + 1));
    }
    if (kind === 2) {
        const keys = ["message", "extra", "code", "edits", "needs", "inputs", "text", "value", "type"];
        return Object.fromEntries(
            Array.from({ length: next(4) }, () => [keys[next(keys.length)], anything(next, depth + 1)]),
        );
    }
    return simple[next(simple.length)];
}

/** A frame of the protocol with something wrong in it, or random bytes. */
function nonsense(next, handles, msgid) {
    if (next(5) === 0) {
        return Buffer.from(Array.from({ length: next(40) }, () => next(256)));
    }
    const kinds = Object.values(RIGHT);
    const frame = structuredClone(kinds[next(kinds.length)]);
    Object.assign(frame, { node: handles[next(handles.length)], msgid });
    for (let change = next(3); change > 0; change--) {
        const place = next(2) && typeof frame.value === "object" && frame.value ? frame.value : frame;
        const keys = Object.keys(place);
        place[keys[next(keys.length)]] = anything(next);
    }
    const bytes = encode(frame);
    return next(10) ? bytes : bytes.subarray(0, next(bytes.length));
}

for (const seed of [11, 12, 13]) {
    test(`whatever a worker sends, Node-RED stays and each message has one end (sequence ${seed})`, async (t) => {
        const rejections = [];
        const note = (reason) => rejections.push(reason);
        process.on("unhandledRejection", note);
        t.after(() => process.off("unhandledRejection", note));
        const next = numbers(seed);
        let closed = 0;
        for (let connection = 0; connection < 60; connection++) {
            const install = () => (next(2) ? Promise.resolve() : Promise.reject(new Error("no installation")));
            const all = await ready(t, { source: { install } });
            const links = [all.link, all.bridge.open(new FakeNode({ wires: [[], []] }), {})];
            const { socket } = all.peer;
            const handles = links.map((link) => link.handle);
            const records = [];
            for (let step = 0; step < 10 && socket.readyState === socket.OPEN; step++) {
                records.push(deliver(links[next(2)], { payload: { text: "x" } }));
                socket.send(nonsense(next, handles, records.length + 2 - next(3)));
                await new Promise(setImmediate);
            }
            closed += socket.readyState !== socket.OPEN;
            links.forEach((link) => link.close(false));
            socket.terminate();
            await Promise.all(records.map((record) => record.ended));
            assert.ok(records.every((record) => record.ends === 1 && record.late === 0 && record.sent.length <= 1));
            assert.deepEqual([all.bridge.admission.count, all.bridge.admission.bytes], [0, 0]);
        }
        await new Promise(setImmediate);
        assert.ok(closed > 5);
        assert.deepEqual(rejections, []);
        assert.equal({}.payload, undefined);
    });
}
