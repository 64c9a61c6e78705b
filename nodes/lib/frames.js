"use strict";

// What a worker may say. The other end may be any program that knows the secret, so every frame is checked on arrival;
// `schemas/frames.json` of the worker says the same.

const { isPath } = require("./values");

const isText = (value) => typeof value === "string";
const isCount = (value) => Number.isInteger(value) && value >= 0;
const isMap = (value) =>
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
const isListOf = (isItem) => (value) => Array.isArray(value) && value.every(isItem);
const isMapOf = (isItem) => (value) => isMap(value) && Object.values(value).every(isItem);
const isAbsentOr = (isRight) => (value) => value === undefined || isRight(value);
const isEdit = (value) => Array.isArray(value) && value.length === 2 && isPath(value[0]);
const isEdits = isListOf(isEdit);
const isMessages = isListOf(isEdits);
const isSeconds = (value) => Number.isFinite(value) && value >= 0;
const isTypedInput = (value) => isMap(value) && isText(value.type) && isText(value.value);
const isFields = (value) =>
    isMap(value) && isText(value.output) && (value.input === null || isText(value.input)) && isCount(value.errors);

const ofNode = { node: isCount };
const ofMessage = { node: isCount, msgid: isCount };
const text = { ...ofNode, value: isText };

// The keys of each kind of frame, and what each key of its value must be.
const FRAMES = {
    hello: { value: isMap, "value.protocol": isCount, "value.limit": isCount },
    ready: {
        ...ofNode,
        value: isMap,
        "value.needs": isListOf(isPath),
        "value.inputs": isMapOf(isTypedInput),
        "value.patience": isSeconds,
        "value.fields": isFields,
    },
    requires: { ...ofNode, value: isMap, "value.extra": isText, "value.message": isText },
    status: { ...ofNode, value: isMapOf(isText) },
    send: {
        ...ofNode,
        msgid: isAbsentOr(isCount),
        value: isListOf((messages) => messages === null || isMessages(messages)),
    },
    done: ofMessage,
    error: {
        ...ofNode,
        msgid: isAbsentOr(isCount),
        value: isMap,
        "value.message": isText,
        "value.code": isAbsentOr(Number.isInteger),
        "value.edits": isAbsentOr(isEdits),
    },
    log: text,
    warn: text,
};

const CHECKS = new Map(
    Object.entries(FRAMES).map(([ctx, checks]) => [
        ctx,
        Object.entries(checks).map(([key, isRight]) => ({ key, path: key.split("."), isRight })),
    ]),
);

/**
 * Return what is wrong with a frame, or an empty text. A frame of an unknown kind only has to name its kind.
 *
 * @param {any} frame - as it was decoded
 */
function complaint(frame) {
    if (!isMap(frame) || !isText(frame.ctx)) {
        return "what the other end sends is no frame of a plate recognizer worker";
    }
    for (const { key, path, isRight } of CHECKS.get(frame.ctx) ?? []) {
        const value = path.length === 1 ? frame[key] : frame.value[path[1]];
        if (!isRight(value)) {
            return `the frame ${frame.ctx} of the worker has a wrong ${key}`;
        }
    }
    return "";
}

module.exports = { complaint };
