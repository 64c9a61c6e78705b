"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { util } = require("@node-red/util");
const { applyEdits, editedMessages, setProperty } = require("../../nodes/lib/edits");
const { Opaque, Reference, decode, encode } = require("../../nodes/lib/values");
const { numbers } = require("./support/numbers");

const MESSAGE = {
    payload: { list: [{ a: 1 }, "text", null], text: "word", nothing: null },
    list: [[], { b: {} }],
    number: 5,
};

test("a property is set as RED.util sets it, parents and all", () => {
    const next = numbers(7);
    const keys = ["payload", "list", "text", "nothing", "number", "a", "b", "x y", 0, 1, 2, 5];
    for (let round = 0; round < 3000; round++) {
        const path = [keys[next(8)], ...Array.from({ length: next(4) }, () => keys[next(keys.length)])];
        const [first, ...rest] = path;
        const expression = `["${first}"]`.slice(2, -2) + rest.map((key) => `[${JSON.stringify(key)}]`).join("");
        if (first === "x y") {
            continue;
        }
        const theirs = structuredClone(MESSAGE);
        const ours = structuredClone(MESSAGE);
        const accepted = util.setMessageProperty(theirs, expression, { set: true }, true);
        assert.equal(setProperty(ours, path, { set: true }), accepted, expression);
        if (accepted) {
            assert.deepEqual(ours, theirs, expression);
        }
    }
});

test("a prototype is never reached", () => {
    assert.equal(setProperty({}, ["__proto__", "polluted"], 1), false);
    assert.equal(setProperty({}, ["a", "__proto__", "polluted"], 1), false);
    assert.equal({}.polluted, undefined);
});

test("an edit that cannot be applied names its property", () => {
    assert.throws(
        () => applyEdits({ payload: "text" }, [[["payload", "result"], 1]]),
        /msg\.payload\.result cannot be set/,
    );
});

test("a reference is the value that the message had before its first edit, itself and no copy", () => {
    const callback = () => {};
    const parts = { count: undefined, callback, socket: new (class Socket {})() };
    const msg = { payload: Buffer.from("picture"), parts };
    const { payload } = msg;
    applyEdits(msg, [
        [["payload"], { status: 503 }],
        [["failedInput"], new Reference(["payload"])],
        [["parts"], { id: "x", index: 0, parts: new Reference(["parts"]) }],
        [["none"], [new Reference(["no", "such"]), new Opaque("function")]],
    ]);
    assert.equal(msg.failedInput, payload);
    assert.equal(msg.parts.parts, parts);
    assert.deepEqual(Object.keys(parts), ["count", "callback", "socket"]);
    assert.equal(msg.parts.parts.callback, callback);
    assert.deepEqual(msg.none, [undefined, undefined]);
});

test("each message of several refers to itself", () => {
    const msg = { parts: { count: undefined, list: [1] } };
    const edits = () => [[["parts"], { parts: new Reference(["parts"]) }]];
    const [messages] = editedMessages(msg, [[edits(), edits()]], util.cloneMessage);
    assert.deepEqual(
        messages.map((each) => each.parts.parts),
        [
            { count: undefined, list: [1] },
            { count: undefined, list: [1] },
        ],
    );
    assert.notEqual(messages[0].parts.parts, messages[1].parts.parts);
});

test("a reference travels as the path that it is, and leads to nothing that messages share", () => {
    const [edit] = decode(encode([["a"], new Reference(["payload", 0, "x"])]));
    assert.deepEqual(edit[1], new Reference(["payload", 0, "x"]));
    for (const path of [["__proto__"], ["constructor", "prototype"]]) {
        const msg = {};
        applyEdits(msg, [[["x"], new Reference(path)]]);
        assert.equal(msg.x, undefined);
    }
    assert.throws(() => new Reference([]), /without a path/);
    assert.throws(() => new Reference([{}]), /without a path/);
});

test("an edit of a message that cannot be changed names its property", () => {
    assert.throws(() => applyEdits(Object.freeze({}), [[["result"], 1]]), /msg\.result cannot be set/);
});
