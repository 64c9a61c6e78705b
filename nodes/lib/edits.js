"use strict";

const { Opaque, Reference, lookUp } = require("./values");

// Keys that lead to objects shared by all messages.
const SHARED = new Set(["__proto__", "constructor", "prototype"]);

/** Apply edits to a message; throws a TypeError that names the property that cannot be set. */
function applyEdits(msg, edits) {
    // References mean the message before its first edit.
    const resolved = edits.map(([path, value]) => [path, resolve(value, msg)]);
    for (const [path, value] of resolved) {
        if (!canSet(msg, path, value)) {
            throw new TypeError(
                `msg.${path.join(".")} cannot be set: something on the way to it is no object, or cannot be changed. ` +
                    "Choose another output field.",
            );
        }
    }
}

function canSet(msg, path, value) {
    try {
        return setProperty(msg, path, value);
    } catch {
        // A frozen object, or a setter that throws.
        return false;
    }
}

/** Replace references by the values that they mean, and opaque values by undefined. */
function resolve(value, msg) {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (value instanceof Reference) {
        return value.path.some((key) => SHARED.has(key)) ? undefined : lookUp(msg, value.path);
    }
    if (value instanceof Opaque) {
        return undefined;
    }
    if (!ArrayBuffer.isView(value)) {
        for (const key of Object.keys(value)) {
            const inner = value[key];
            if (typeof inner === "object" && inner !== null) {
                value[key] = resolve(inner, msg);
            }
        }
    }
    return value;
}

/**
 * Return the messages to send, for each output null or a list.
 *
 * @param {object} msg - the incoming message; it becomes the first one, clones of it the others
 * @param {Array<?Array<Array>>} outputs - for each output null or a list of messages, each a list of edits
 * @param {(msg: object) => object} clone
 */
function editedMessages(msg, outputs, clone) {
    let first = true;
    // All clones are made before the first edit, so that the messages do not share what the edits set.
    const messages = outputs.map((lists) =>
        (lists ?? []).map(() => {
            const each = first ? msg : clone(msg);
            first = false;
            return each;
        }),
    );
    outputs.forEach((lists, output) => lists?.forEach((edits, index) => applyEdits(messages[output][index], edits)));
    return messages;
}

/**
 * Set a property as RED.util.setMessageProperty does, and create missing parents. The path is already split into keys:
 * they can hold any character, so not every path has an expression.
 */
function setProperty(msg, path, value) {
    if (path.includes("__proto__")) {
        return false;
    }
    let object = msg;
    for (const [index, key] of path.slice(0, -1).entries()) {
        const exists =
            Array.isArray(object) && typeof key === "number" ? object[key] !== undefined : Object.hasOwn(object, key);
        if (!exists) {
            object[key] = typeof path[index + 1] === "number" ? [] : {};
        }
        object = object[key];
        if (object === null || (typeof object !== "object" && typeof object !== "function")) {
            return false;
        }
    }
    if (typeof object !== "object") {
        return false;
    }
    object[path.at(-1)] = value;
    return true;
}

module.exports = { applyEdits, editedMessages, setProperty };
