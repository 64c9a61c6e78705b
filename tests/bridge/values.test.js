"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const vm = require("node:vm");
const { Opaque, decode, encode, encodeInput, lookUp, portable } = require("../../nodes/lib/values");

/** Return what arrives at the other end of the bridge. */
function travelled(value) {
    return decode(encode(portable(value)))[0];
}

test("bytes travel as bytes, in whatever they are kept", () => {
    const bytes = Buffer.from([1, 2, 3, 4]);
    for (const value of [bytes, new Uint8Array(bytes), new Uint16Array([513, 1027]), new Uint8Array(bytes).buffer]) {
        assert.deepEqual(Buffer.from(travelled(value)), bytes);
    }
    assert.deepEqual(Buffer.from(travelled(new Uint8Array([9, 1, 2, 3, 4]).subarray(1))), bytes);
});

test("plain data travels, also what a function node made in a realm of its own", () => {
    const data = { text: "ä", list: [1, -2.5, true, null, { deep: [] }] };
    assert.deepEqual(travelled(data), data);
    assert.deepEqual(travelled(vm.runInNewContext("({ text: 'ä', list: [1, { deep: [] }] })")), {
        text: "ä",
        list: [1, { deep: [] }],
    });
    assert.deepEqual(travelled(new Date(1_700_000_000_123)), new Date(1_700_000_000_123));
    assert.deepEqual(travelled(vm.runInNewContext("new Date(5)")), new Date(5));
    assert.equal(Number(travelled(7n)), 7);
});

test("what cannot travel stays, and the rest around it travels", () => {
    const cycle = {};
    cycle.self = cycle;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    let deep = {};
    for (let depth = 0; depth < 1000; depth++) {
        deep = { deep };
    }
    class Camera {}
    const kinds = {
        function: () => {},
        undefined: undefined,
        symbol: Symbol("x"),
        bigint: 2n ** 64n,
        Camera: new Camera(),
        Map: new Map(),
        "invalid date": new Date(NaN),
        "unreadable object": proxy,
    };
    for (const [kind, value] of Object.entries(kinds)) {
        assert.deepEqual(travelled({ value, other: 1 }), { value: new Opaque(kind), other: 1 });
    }
    assert.deepEqual(travelled(cycle), { self: new Opaque("circular reference") });
    assert.doesNotThrow(() => travelled(deep));
    assert.deepEqual(
        travelled({
            get broken() {
                throw new Error("no");
            },
        }),
        new Opaque("unreadable object"),
    );
});

test("one value in two places is no cycle", () => {
    const shared = { a: 1 };
    assert.deepEqual(travelled([shared, shared]), [shared, shared]);
});

test("several frames in one message are all read", () => {
    assert.deepEqual(decode(Buffer.concat([encode({ ctx: "a" }), encode({ ctx: "b" })])), [{ ctx: "a" }, { ctx: "b" }]);
});

test("an image travels whole, however large it is and whatever travels with it", () => {
    for (const size of [0, 1, 16_383, 16_384, 70_000]) {
        for (const others of [[], [{ a: 1 }, "x"]]) {
            const frame = {
                ctx: "input",
                node: 1,
                value: { wired: [true], needs: [...others, Buffer.alloc(size, 7)] },
            };
            assert.deepEqual(decode(Buffer.concat(encodeInput(frame))), [frame]);
        }
    }
});

test("a path is walked by plain property access, through whatever lies on it", () => {
    class Request {
        files = [{ buffer: Buffer.from("x") }];
        get broken() {
            throw new Error("no");
        }
    }
    const msg = { req: new Request(), text: "abc", nothing: null };
    assert.deepEqual(lookUp(msg, ["req", "files", 0, "buffer"]), Buffer.from("x"));
    assert.equal(lookUp(msg, ["text", "length"]), 3);
    assert.equal(lookUp(msg, ["nothing", "x"]), undefined);
    assert.equal(lookUp(msg, ["req", "broken", "x"]), undefined);
});
