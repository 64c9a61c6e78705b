"use strict";

const { types } = require("node:util");
const { isPlain } = require("./values");

const DEEPEST = 8;
const MOST_VALUES = 1_000;
// The bytes of a place in a list.
const PLACE = 8;

/**
 * Return roughly how many bytes a message holds: texts, Buffers and the like, also inside of plain objects and lists.
 * Looks at a bounded number of values, and never throws, whatever these values do. Instances of classes are not
 * entered, apart from the uploaded files and the body of a request.
 */
function sizeOf(msg) {
    const walk = { left: MOST_VALUES, seen: new Set() };
    return propertiesSize(msg, walk, 0) + requestSize(msg, walk);
}

function valueSize(value, walk, depth) {
    if (typeof value === "string") {
        return value.length;
    }
    if (typeof value !== "object" || value === null || walk.seen.has(value)) {
        return 0;
    }
    walk.seen.add(value);
    // A proxy of a Buffer is not a view of it.
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
        return value.byteLength;
    }
    if (depth >= DEEPEST || walk.left <= 0) {
        return 0;
    }
    try {
        if (Array.isArray(value)) {
            return listSize(value, walk, depth);
        }
        return isPlain(value) ? propertiesSize(value, walk, depth) : 0;
    } catch {
        // A revoked proxy throws at any question.
        return 0;
    }
}

function propertiesSize(object, walk, depth) {
    let size = 0;
    for (const key of Object.keys(object)) {
        if (walk.left-- <= 0) {
            break;
        }
        try {
            size += valueSize(object[key], walk, depth + 1);
        } catch {
            // A getter that throws.
        }
    }
    return size;
}

/** Estimate a long list from the part of it that was looked at. */
function listSize(list, walk, depth) {
    let size = 0;
    let index = 0;
    for (; index < list.length && walk.left > 0; index++) {
        walk.left--;
        const value = list[index];
        size += value === undefined ? 0 : PLACE + valueSize(value, walk, depth + 1);
    }
    return index ? (size / index) * list.length : 0;
}

/** An http-in node keeps uploaded files with the request. */
function requestSize(msg, walk) {
    try {
        const { req } = msg;
        return req && !isPlain(req) ? valueSize(req.files, walk, 1) + valueSize(req.body, walk, 1) : 0;
    } catch {
        return 0;
    }
}

module.exports = { sizeOf };
