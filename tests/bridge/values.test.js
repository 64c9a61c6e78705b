"use strict";

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { test } = require("node:test");
const vm = require("node:vm");
const { Opaque, decode, encode, encodeInput, lookUp, portable } = require("../../nodes/lib/values");
const { PYTHON, ROOT } = require("./support/python");

/** Return what arrives at the other end of the bridge. */
function travelled(value) {
    return decode(encode(portable(value)))[0];
}

function revokedProxy() {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
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
        "unreadable object": revokedProxy(),
        Buffer: new Proxy(Buffer.from("x"), {}),
        "structure that is too large": new Array(2 ** 31),
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

test("what cannot be read leaves no trace in what is read after it", () => {
    const broken = {
        get broken() {
            throw new Error("no");
        },
    };
    const list = Array.from({ length: 300 }, () => broken);
    assert.deepEqual(travelled([...list, { a: { b: 1 } }]), [
        ...list.map(() => new Opaque("unreadable object")),
        { a: { b: 1 } },
    ]);
});

// Prints what arrived as JSON; kinds that JSON lacks become pairs of a name and a value.
const DECODER = `
import datetime, json, sys
from python_worker.bridge.frames import decode
from python_worker.values import Opaque
def plain(value):
    if isinstance(value, Opaque):
        return ["opaque", value.kind]
    if isinstance(value, bytes):
        return ["bytes", list(value)]
    if isinstance(value, datetime.datetime):
        return ["date", value.isoformat(timespec="milliseconds")]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value
for frame, _ in decode([sys.stdin.buffer.read()]):
    print(json.dumps([plain(each) for each in frame["value"]["needs"]]))
`;

test("the worker reads every value as it was meant", () => {
    const cases = [
        [Buffer.from([1, 2]), ["bytes", [1, 2]]],
        [new Uint16Array([513]), ["bytes", [1, 2]]],
        [
            { text: "ä😀", list: [1, -2.5, true, null] },
            { text: "ä😀", list: [1, -2.5, true, null] },
        ],
        [2n ** 63n - 1n, String(2n ** 63n - 1n)],
        [-(2n ** 63n), String(-(2n ** 63n))],
        [2n ** 63n, ["opaque", "bigint"]],
        [new Date(-1), ["date", "1969-12-31T23:59:59.999+00:00"]],
        [new Date("0001-01-01T00:00:00.000Z"), ["date", "0001-01-01T00:00:00.000+00:00"]],
        [new Date("9999-12-31T23:59:59.999Z"), ["date", "9999-12-31T23:59:59.999+00:00"]],
        [new Date(8.64e15), ["opaque", "invalid date"]],
        [new Date(-8.64e15), ["opaque", "invalid date"]],
        ["half a pair \ud800 of surrogates", "half a pair \ufffd of surrogates"],
        [{ "\udfff": 1 }, { "\ufffd": 1 }],
        [() => {}, ["opaque", "function"]],
        [undefined, ["opaque", "undefined"]],
    ];
    const frame = {
        ctx: "input",
        node: 1,
        msgid: 2,
        value: { inputs: {}, wired: [true], needs: [...cases.map(([value]) => portable(value)), Buffer.alloc(20_000)] },
    };
    const { stdout, stderr } = spawnSync(PYTHON, ["-c", DECODER], {
        input: Buffer.concat(encodeInput(frame)),
        cwd: ROOT,
    });
    assert.equal(String(stderr), "");
    const arrived = JSON.parse(stdout);
    assert.deepEqual(arrived.pop(), ["bytes", Array(20_000).fill(0)]);
    assert.deepEqual(
        arrived,
        cases.map(([, expected]) => expected),
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
