"use strict";

// Values on their way to the worker: what MessagePack can carry is copied, what it cannot is named and stays here.

const { types } = require("node:util");
const { Packr, addExtension } = require("msgpackr");

const DEEPEST = 100;
const MOST_VALUES = 10_000_000;
const INT64 = 2n ** 63n;
const LARGE = 16_384;
// Python's dates span the years 1 to 9999.
const FIRST_DATE = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_DATE = Date.parse("9999-12-31T23:59:59.999Z");

/** A value that stays in Node-RED; only the name of its kind travels. */
class Opaque {
    constructor(kind) {
        this.kind = kind;
    }
}

/** In an edit: the value that the message had at a path before its first edit. */
class Reference {
    constructor(path) {
        if (!isPath(path)) {
            throw new TypeError("a reference without a path");
        }
        this.path = path;
    }
}

addExtension({
    Class: Opaque,
    type: 1,
    pack: (opaque) => Buffer.from(opaque.kind),
    unpack: (data) => new Opaque(data.toString()),
});

addExtension({
    Class: Reference,
    type: 2,
    pack: (reference) => packr.pack(reference.path),
    unpack: (data) => new Reference(packr.unpack(data)),
});

const packr = new Packr({ useRecords: false, variableMapSize: true, int64AsType: "number" });

function encode(frame) {
    return packr.pack(frame);
}

/**
 * Encode a frame whose value ends with a list, `needs`, as Buffers that follow each other. A large Buffer at its end is
 * not copied: with 300 KB that leaves 0.16 of Node-RED's processor time, and 0.82 of the message's (docs/benchmarks.md).
 */
function encodeInput(frame) {
    const { needs } = frame.value;
    const image = needs.at(-1);
    if (!Buffer.isBuffer(image) || image.length < LARGE) {
        return [encode(frame)];
    }
    // A zero takes one byte, the last one. The Buffer's header and bytes replace it (MessagePack's bin 32).
    const value = { ...frame.value, needs: [...needs.slice(0, -1), 0] };
    const head = encode({ ...frame, value }).subarray(0, -1);
    const header = Buffer.alloc(5);
    header[0] = 0xc6;
    header.writeUInt32BE(image.length, 1);
    return [Buffer.concat([head, header]), image];
}

/** Return the frames of one websocket message. */
function decode(data) {
    return packr.unpackMultiple(data);
}

/** Return the part of a value that can travel. Never throws, whatever the value does. */
function portable(value) {
    return copy(value, { ancestors: [], left: MOST_VALUES });
}

function copy(value, walk) {
    switch (typeof value) {
        case "string":
            // Half a surrogate pair has no UTF-8.
            return value.toWellFormed();
        case "number":
        case "boolean":
            return value;
        case "bigint":
            return value >= -INT64 && value < INT64 ? value : new Opaque("bigint");
        case "object":
            break;
        default:
            return new Opaque(typeof value);
    }
    if (value === null) {
        return value;
    }
    const depth = walk.ancestors.length;
    try {
        return copyObject(value, walk);
    } catch {
        // A getter that throws, or a revoked proxy, which throws at any question.
        walk.ancestors.length = depth;
        return new Opaque("unreadable object");
    }
}

function copyObject(value, walk) {
    // A proxy of a Buffer is not a view of it: reading the bytes would throw.
    if (ArrayBuffer.isView(value)) {
        return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    if (types.isAnyArrayBuffer(value)) {
        return Buffer.from(value);
    }
    if (types.isDate(value)) {
        const time = Date.prototype.getTime.call(value);
        return time >= FIRST_DATE && time <= LAST_DATE ? new Date(time) : new Opaque("invalid date");
    }
    if (walk.ancestors.includes(value)) {
        return new Opaque("circular reference");
    }
    const isArray = Array.isArray(value);
    if (!isArray && !isPlain(value)) {
        return new Opaque(String(value.constructor?.name || "class instance"));
    }
    const keys = isArray ? value : Object.keys(value);
    if (walk.ancestors.length >= DEEPEST || keys.length > walk.left) {
        return new Opaque("structure that is too large");
    }
    walk.left -= keys.length;
    walk.ancestors.push(value);
    const result = isArray
        ? Array.from({ length: value.length }, (_each, index) => copy(value[index], walk))
        : Object.fromEntries(keys.map((key) => [key.toWellFormed(), copy(value[key], walk)]));
    walk.ancestors.pop();
    return result;
}

/** Plain objects of function nodes come from another realm: their prototype is not ours, but it is a root, too. */
function isPlain(value) {
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Return what a path leads to in a message, by plain property access; undefined where it ends early. */
function lookUp(msg, path) {
    try {
        return path.reduce((value, key) => (value === undefined || value === null ? undefined : value[key]), msg);
    } catch {
        return undefined;
    }
}

/** Whether a value is a path: keys and indices, at least one. */
function isPath(value) {
    return Array.isArray(value) && value.length > 0 && value.every(isKey);
}

function isKey(key) {
    return typeof key === "string" || Number.isInteger(key);
}

module.exports = { Opaque, Reference, encode, encodeInput, decode, isPath, isPlain, lookUp, portable };
