"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { util } = require("@node-red/util");
const { applyEdits, setProperty } = require("../../nodes/lib/edits");
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
