"use strict";

// One node's messages and frames.

const assert = require("node:assert/strict");
const { once } = require("node:events");
const { test } = require("node:test");
const { HELLO, Mailbox } = require("./support/peer");
const { FakeNode, bridgeWith, deliver, inFlight, ready } = require("./support/runtime");

test("closing completes the messages, tells the worker, and nothing is sent afterwards", async (t) => {
    const all = await ready(t);
    const { bridge, link, node, peer } = all;
    const { record, frame } = await inFlight(all, { payload: 1 });
    const other = new FakeNode();
    bridge.open(other, {});
    const { node: handle } = await peer.ready();
    link.close(false);
    assert.deepEqual([record.ends, record.error, record.sent], [1, undefined, []]);
    assert.deepEqual(node.statuses.at(-1), {});
    const statuses = node.statuses.length;
    assert.deepEqual(await peer.next("close"), { ctx: "close", node: link.handle, value: { removed: false } });
    peer.send(
        { ctx: "send", node: link.handle, msgid: frame.msgid, value: [[[]], null] },
        { ctx: "error", node: link.handle, msgid: frame.msgid, value: { message: "x", code: 1, edits: [] } },
        { ctx: "done", node: link.handle, msgid: frame.msgid },
        { ctx: "status", node: link.handle, value: { text: "late" } },
        { ctx: "status", node: handle, value: { text: "the last frame" } },
    );
    await other.shows(/the last frame/);
    assert.deepEqual([record.ends, record.sent], [1, []]);
    assert.equal(node.statuses.length, statuses);
});

test("clones for several messages are made before the first edit", async (t) => {
    const all = await ready(t);
    const { record, frame } = await inFlight(all, { payload: { image: 1 }, keep: [1] });
    all.peer.send({
        ctx: "send",
        node: frame.node,
        msgid: frame.msgid,
        value: [[[[["payload", "plate"], "A"]], [[["payload", "plate"], "B"]]], [[[["keep", 0], "changed"]]]],
    });
    await record.ended;
    assert.deepEqual(record.sent, [
        [
            [
                { payload: { image: 1, plate: "A" }, keep: [1] },
                { payload: { image: 1, plate: "B" }, keep: [1] },
            ],
            [{ payload: { image: 1 }, keep: ["changed"] }],
        ],
    ]);
    assert.equal(record.sent[0][0][0], record.msg);
});

test("messages that no message caused begin empty, one for each list of edits, and end none that is under way", async (t) => {
    const all = await ready(t);
    const { record, frame } = await inFlight(all, { payload: 1 });
    const begun = once(all.node, "begun");
    const value = [
        null,
        [
            [
                [["payload", "plate"], "A"],
                [["topic"], "gate"],
            ],
            [[["payload"], "B"]],
        ],
    ];
    all.peer.send({ ctx: "send", node: frame.node, value });
    assert.deepEqual(await begun, [[[], [{ payload: { plate: "A" }, topic: "gate" }, { payload: "B" }]]]);
    assert.equal(record.ends, 0);
    all.peer.send({ ctx: "done", node: frame.node, msgid: frame.msgid });
    await record.ended;
});

test("a node that throws at what begins harms no other message", async (t) => {
    const all = await ready(t);
    const { record, frame } = await inFlight(all, { payload: 1 });
    all.node.send = () => {
        throw new Error("no");
    };
    all.peer.send({ ctx: "send", node: frame.node, value: [[[[["payload"], "B"]]]] });
    all.peer.send({ ctx: "done", node: frame.node, msgid: frame.msgid });
    await record.ended;
    assert.ok(all.RED.lines.some((line) => /a message of the worker cannot be sent: no/.test(line)));
});

test("a failure leaves at the output that the node's type has for errors", async (t) => {
    const node = new FakeNode({ wires: [["a"], ["b"], ["errors"]] });
    const all = await ready(t, { node, fields: { output: "match", input: "payload", errors: 2 } });
    const { record } = await inFlight(all, { payload: 1 });
    all.peer.drop();
    await record.ended;
    assert.deepEqual(
        record.sent.map((outputs) => outputs.map((msg) => msg && [msg.payload, msg.match.status])),
        [[null, null, [1, 503]]],
    );
});

test("a node is opened with all of its credentials, and only with texts", async (t) => {
    const { bridge, peer } = await bridgeWith(t);
    bridge.open(new FakeNode({ credentials: { user: "ann", password: "secret", odd: 5, none: undefined } }), {});
    const { value } = await peer.next("open");
    assert.deepEqual(value.credentials, { user: "ann", password: "secret", odd: null, none: null });
});

test("an edit that cannot be applied fails the message, and nothing is sent", async (t) => {
    const all = await ready(t);
    const { record, frame } = await inFlight(all, { payload: "text" });
    const { node, msgid } = frame;
    all.peer.send({ ctx: "send", node, msgid, value: [[[[["payload", "plate"], "A"]]], null] });
    await record.ended;
    assert.equal(record.error.code, 400);
    assert.match(record.error.message, /msg\.payload\.plate cannot be set/);
    assert.deepEqual(record.sent, []);
});

test("a message that cannot be cloned fails alone, and the connection stays", async (t) => {
    const all = await ready(t);
    const odd = {
        payload: 1,
        get broken() {
            throw new Error("not to be read");
        },
    };
    const { record, frame } = await inFlight(all, odd);
    all.peer.send({ ctx: "send", node: frame.node, msgid: frame.msgid, value: [[[], []], null] });
    await record.ended;
    assert.equal(record.error.code, 400);
    const next = await inFlight(all, { payload: 2 });
    all.peer.send({ ctx: "done", node: next.frame.node, msgid: next.frame.msgid });
    assert.equal((await next.record.ended).error, undefined);
});

test("the worker's failure reaches the message and its end", async (t) => {
    const all = await ready(t);
    const { record, frame } = await inFlight(all, { payload: 1 });
    const { node, msgid } = frame;
    const edits = [[["result"], { status: 413 }]];
    all.peer.send({ ctx: "error", node, msgid, value: { message: "too large", code: 413, edits } });
    await record.ended;
    assert.deepEqual([record.error.code, record.error.message], [413, "too large"]);
    assert.deepEqual(record.msg, { payload: 1, result: { status: 413 } });
    assert.deepEqual(record.sent, []);
});

test("an end that Node-RED cannot tell harms no other message", async (t) => {
    const { RED, bridge, link, peer } = await ready(t, { node: new FakeNode({ wires: [["next"], []] }) });
    link.input(
        { payload: 1 },
        () => {},
        () => {
            throw new Error("cannot be cloned");
        },
    );
    const other = deliver(link, { payload: 2 });
    await peer.next("input");
    await peer.next("input");
    peer.drop();
    await other.ended;
    assert.equal(other.error.code, 503);
    assert.ok(RED.lines.some((line) => /the end of a message cannot be told: cannot be cloned/.test(line)));
    await peer.ready();
    assert.equal(bridge.state, "up");
});

test("a failure that cannot be sent to output 2 ends its message, and harms no other", async (t) => {
    const { link, node, peer } = await ready(t);
    const error = new Promise((resolve) => {
        link.input(
            { payload: 1 },
            () => {
                throw new Error("cannot be cloned");
            },
            resolve,
        );
    });
    const other = deliver(link, { payload: 2 });
    await peer.next("input");
    await peer.next("input");
    peer.drop();
    assert.equal((await error).code, 503);
    await other.ended;
    assert.equal(other.sent[0][1].payload.status, 503);
    assert.ok(node.said.some((line) => /the message cannot be sent: cannot be cloned/.test(line)));
});

test("a message that is too large for the worker fails alone", async (t) => {
    const limit = 1_000;
    const all = await ready(t, { peer: { hello: { ...HELLO, value: { ...HELLO.value, limit } } } });
    const large = await deliver(all.link, { payload: Buffer.alloc(limit) }).ended;
    assert.deepEqual(
        [large.sent[0][1].payload.status, large.sent[0][1].payload.statusText],
        [413, "Payload Too Large"],
    );
    const huge = await deliver(all.link, { payload: Buffer.alloc(20_000) }).ended;
    assert.equal(huge.sent[0][1].payload.error.code, 413);
    const { record, frame } = await inFlight(all, { payload: Buffer.alloc(500) });
    all.peer.send({ ctx: "done", node: frame.node, msgid: frame.msgid });
    assert.equal((await record.ended).error, undefined);
    assert.equal(all.peer.requests.length, 1);
});

test("an output counts as wired when the wire's end is running", async (t) => {
    const node = new FakeNode({ wires: [["gone", "there"], ["gone"]] });
    node._flow = { getNode: (id) => (id === "there" ? {} : undefined) };
    const all = await ready(t, { node });
    const { record, frame } = await inFlight(all, { payload: 1 });
    assert.deepEqual(frame.value.wired, [true, false]);
    all.peer.drop();
    await record.ended;
    assert.equal(record.error.code, 503);
    assert.deepEqual(record.sent, []);
});

test("typed inputs are looked up for each message, and messages keep their order however late contexts answer", async (t) => {
    const node = new FakeNode();
    const asked = new Mailbox();
    node.stores.flow.camera = (callback) => asked.put(callback);
    node.stores.global.region = ["gb"];
    process.env.PLATE_TEST_GATE = "north";
    t.after(() => delete process.env.PLATE_TEST_GATE);
    const inputs = {
        camera: { type: "flow", value: "camera" },
        region: { type: "global", value: "region" },
        gate: { type: "env", value: "PLATE_TEST_GATE" },
    };
    const { link, peer } = await ready(t, { node, inputs });
    deliver(link, { payload: 1 });
    deliver(link, { payload: 2 });
    (await asked.take())(null, "one");
    const first = await peer.next("input");
    assert.deepEqual(first.value.needs, [1]);
    assert.deepEqual(first.value.inputs, { camera: "one", region: ["gb"], gate: "north" });
    (await asked.take())(new Error("the store is gone"));
    const second = await peer.next("input");
    assert.deepEqual(second.value.needs, [2]);
    assert.equal(second.value.inputs.camera.kind, "undefined");
    assert.ok(node.said.includes("warn camera cannot be looked up: the store is gone"));
});

test("messages whose look-up outlives the connection are sent once and in order over the next", async (t) => {
    const node = new FakeNode();
    const asked = new Mailbox();
    node.stores.flow.camera = (callback) => asked.put(callback);
    const inputs = { camera: { type: "flow", value: "camera" } };
    const { link, peer } = await ready(t, { node, inputs });
    deliver(link, { payload: 1 });
    deliver(link, { payload: 2 });
    const late = await asked.take();
    peer.drop();
    await peer.ready({ inputs });
    deliver(link, { payload: 3 });
    late(null, "late");
    for (const payload of [1, 2, 3]) {
        (await asked.take())(null, "prompt");
        const { value } = await peer.next("input");
        assert.deepEqual([value.needs[0], value.inputs.camera], [payload, "prompt"]);
    }
    assert.deepEqual([asked.letters, peer.frames.letters], [[], []]);
});

test("status, log, warning and error of a node reach it, unknown frames the log", async (t) => {
    const { RED, link, node, peer } = await ready(t);
    peer.send(
        { ctx: "log", node: link.handle, value: "a" },
        { ctx: "warn", node: link.handle, value: "b" },
        { ctx: "error", node: link.handle, value: { message: "c" } },
        { ctx: "novelty", node: link.handle },
        { ctx: "status", node: link.handle, value: { fill: "green", shape: "dot", text: "1 plate" } },
    );
    await node.shows(/1 plate/);
    assert.deepEqual(node.said, ["log a", "warn b", "error c"]);
    assert.deepEqual(node.statuses.at(-1), { fill: "green", shape: "dot", text: "1 plate" });
    assert.ok(RED.lines.some((line) => /unknown frame: novelty/.test(line)));
});
