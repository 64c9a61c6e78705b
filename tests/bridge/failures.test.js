"use strict";

// Failures that Node-RED's side makes: where they are reported, and what happens to the picture.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { FakeNode, deliver, inFlight, ready } = require("./support/runtime");

const CATCH = [["next"], []];
const OUTPUT = [["next"], ["failures"]];

/** Let a message fail since the connection breaks; return what is known of it. */
async function failed(t, { wires, config = {}, pictureField, msg }) {
    const all = await ready(t, {
        node: new FakeNode({ wires }),
        config,
        fields: {
            output: config.outputField ?? "payload",
            input: pictureField ?? config.inputField ?? null,
            errors: 1,
        },
        needs: [["_msgid"]],
    });
    const { record } = await inFlight(all, msg);
    all.peer.drop();
    await record.ended;
    return { ...record, node: all.node };
}

for (const [inputField, outputField] of [
    ["payload", "payload"],
    ["payload.image", "payload"],
    ["payload", "payload.result"],
    ["msg.payload", "payload"],
    ["payload[msg.index]", "payload[0]"],
    ['payload["0"]', "payload[0].result"],
]) {
    test(`a failure at ${outputField} keeps the picture at ${inputField}: at output 2 aside, for Catch nodes in its place`, async (t) => {
        const picture = Buffer.from("picture");
        const make = () => {
            const payload = inputField.endsWith("image")
                ? { image: picture }
                : inputField.includes("[")
                  ? [picture]
                  : picture;
            return { payload, index: 0 };
        };
        const config = { inputField, outputField };
        const caught = await failed(t, { wires: CATCH, config, msg: make() });
        assert.equal(caught.error.code, 503);
        assert.match(caught.error.message, /broke off/);
        assert.deepEqual([caught.msg, caught.sent], [make(), []]);
        const routed = await failed(t, { wires: OUTPUT, config, msg: make() });
        assert.equal(routed.error, undefined);
        assert.equal(routed.sent[0][1].failedInput, picture);
    });
}

test("a failure that overwrites nothing of the picture is told in the output field on both ways", async (t) => {
    for (const [inputField, outputField] of [
        ["payload", "result"],
        ["payload.image", "payload.result"],
        ["payload[0]", "payload[1]"],
        ["pay", "payload"],
    ]) {
        for (const wires of [CATCH, OUTPUT]) {
            const config = { inputField, outputField };
            const msg = { payload: inputField.includes("[") ? [Buffer.from("x")] : { image: Buffer.from("x") } };
            const record = await failed(t, { wires, config, msg });
            const result = outputField
                .split(/[.[\]]/)
                .filter(Boolean)
                .reduce((value, key) => value[key], record.msg);
            assert.deepEqual([result.status, result.statusText], [503, "Service Unavailable"]);
            assert.equal("failedInput" in record.msg, false);
            assert.equal(Boolean(record.error), wires === CATCH);
        }
    }
});

test("the failure of a node without pictures is told in the output field", async (t) => {
    const record = await failed(t, {
        wires: CATCH,

        msg: { payload: 1 },
    });
    assert.equal(record.msg.payload.status, 503);
    assert.equal(record.error.code, 503);
});

test("a failure for which the message has no place goes to Catch nodes, although output 2 has a wire", async (t) => {
    const frozen = Object.freeze({ payload: 1 });
    for (const [outputField, msg] of [
        ["payload", frozen],
        ["payload.result", { payload: "text" }],
        ["payload[msg.missing]", { payload: [] }],
        ["not a property", { payload: 1 }],
    ]) {
        const record = await failed(t, { wires: OUTPUT, config: { outputField }, pictureField: "image", msg });
        assert.deepEqual([record.error.code, record.sent, record.ends], [503, [], 1]);
        assert.ok(record.node.said.some((line) => /the failure cannot be put into the message/.test(line)));
    }
});

/** Messages, and functions for send and done, that throw when they are touched. */
const HOSTILE = {
    "a frozen message": () => Object.freeze({ payload: 1 }),
    "a message whose properties throw": () => ({
        get payload() {
            throw null;
        },
        set payload(_value) {
            throw undefined;
        },
    }),
    "a message that is a proxy which throws": () =>
        new Proxy(
            {},
            {
                get(_target, key) {
                    if (key !== "then") {
                        throw new Error("not to be read");
                    }
                },
                set() {
                    throw new Error("not to be set");
                },
            },
        ),
    "a message with a class that throws when it is cloned": () => ({
        payload: {
            get broken() {
                throw Object.create(null);
            },
        },
    }),
};

for (const [name, make] of Object.entries(HOSTILE)) {
    test(`${name} has one end, whatever becomes of it`, async (t) => {
        const all = await ready(t, { fields: { output: "payload", input: "payload", errors: 1 } });
        const { handle: node } = all.link;
        const ends = [
            (msgid) => all.peer.send({ ctx: "send", node, msgid, value: [[[[["payload"], 1]], []], null] }),
            (msgid) =>
                all.peer.send({
                    ctx: "error",
                    node,
                    msgid,
                    value: { message: "x", code: 400, edits: [[["payload"], 1]] },
                }),
            (msgid) => all.peer.send({ ctx: "done", node, msgid }),
            () => all.peer.drop(),
        ];
        for (const end of ends) {
            let count = 0;
            const ended = new Promise((resolve) => {
                all.link.input(
                    make(),
                    () => {
                        throw null;
                    },
                    () => {
                        count++;
                        resolve();
                        throw Object.create(null);
                    },
                );
            });
            end((await all.peer.next("input")).msgid);
            await ended;
            assert.equal(count, 1);
        }
        assert.deepEqual([all.bridge.admission.count, all.bridge.admission.bytes], [0, 0]);
        await all.peer.ready();
        await inFlight(all, { payload: 2 });
    });
}

test("a flow that closes the node while it gets a message ends that message once", async (t) => {
    const all = await ready(t);
    let ends = 0;
    const ended = new Promise((resolve) => {
        all.link.input(
            { payload: 1 },
            () => all.link.close(false),
            () => {
                ends++;
                resolve();
            },
        );
    });
    const other = deliver(all.link, { payload: 2 });
    const { node, msgid } = await all.peer.next("input");
    await all.peer.next("input");
    all.peer.send({ ctx: "send", node, msgid, value: [[[]], null] });
    await ended;
    assert.deepEqual([ends, other.ends, other.error], [1, 1, undefined]);
    const late = deliver(all.link, { payload: 3 });
    assert.deepEqual([late.ends, late.error, late.sent], [1, undefined, []]);
});
