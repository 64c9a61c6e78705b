"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const vm = require("node:vm");
const { sizeOf } = require("../../nodes/lib/size");

const MEGABYTE = 2 ** 20;
const image = Buffer.alloc(MEGABYTE);

function revokedProxy() {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
}

test("texts and bytes count, also inside of objects and lists", () => {
    assert.equal(sizeOf({ payload: Buffer.alloc(5), topic: "abc", number: 5, nothing: null }), 8);
    assert.equal(sizeOf({ payload: { a: { b: new Uint16Array(2) } } }), 4);
    assert.equal(sizeOf({ payload: new ArrayBuffer(7) }), 7);
    assert.ok(sizeOf({ payload: [{ image }, { image: Buffer.from(image) }] }) >= 2 * MEGABYTE);
    assert.equal(sizeOf(vm.runInNewContext("({ payload: { text: 'abcd' } })")), 4);
});

test("what a message holds twice counts once", () => {
    const msg = { payload: image, original: image, parts: { image } };
    msg.self = msg;
    msg.payload2 = { msg };
    assert.equal(sizeOf(msg), MEGABYTE);
});

test("a long list counts in full although only its beginning is looked at", () => {
    const pictures = Array.from({ length: 5_000 }, () => ({ image: Buffer.alloc(1_000) }));
    const size = sizeOf({ payload: pictures });
    assert.ok(size > 4_500_000 && size < 5_500_000, String(size));
    assert.ok(sizeOf({ payload: { type: "Buffer", data: new Array(MEGABYTE).fill(7) } }) >= MEGABYTE);
});

test("uploaded files of a request count, and nothing else of it", () => {
    class Request {
        constructor() {
            this.socket = { buffer: image };
            this.files = [{ buffer: Buffer.alloc(1_000) }];
            this.body = "12345";
        }
    }
    const size = sizeOf({ payload: "", req: new Request(), res: { _res: new Request() } });
    assert.ok(size >= 1_005 && size < 1_100, String(size));
});

test("whatever a message holds, its size is told, after a look at a bounded number of values", () => {
    let reads = 0;
    const counting = (length) =>
        Array.from({ length }, () => ({
            get image() {
                reads++;
                return counting(50);
            },
        }));
    let deep = {};
    for (let depth = 0; depth < 100_000; depth++) {
        deep = { deep };
    }
    const msg = {
        odd: { length: "many", byteLength: NaN },
        callback: (a, b) => [a, b],
        proxy: revokedProxy(),
        proxies: [revokedProxy(), new Proxy(Buffer.from("x"), {})],
        sparse: new Array(2 ** 31),
        get broken() {
            throw null;
        },
        deep,
        wide: counting(100),
        req: revokedProxy(),
    };
    assert.ok(Number.isFinite(sizeOf(msg)));
    assert.ok(reads <= 1_000, String(reads));
    assert.ok(sizeOf({ sparse: new Array(2 ** 31) }) === 0);
});
