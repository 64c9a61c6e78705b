"use strict";

// Failures that Node-RED's side makes itself, because no worker can.

const { STATUS_CODES } = require("node:http");
const { applyEdits } = require("./edits");
const { Reference } = require("./values");
const { wiredOutputs } = require("./wires");

/** Return an error for Catch nodes. */
function failure(code, reason) {
    return Object.assign(new Error(reason), { code });
}

/** Return what was thrown, as a text. Never throws, although anything can be thrown. */
function reasonOf(thrown) {
    try {
        return String(thrown?.message ?? thrown);
    } catch {
        return "an error that cannot be read";
    }
}

/**
 * Put a failure into the message, as the worker does it for its own.
 *
 * If the output field leads to the picture, or into it, the failure would overwrite the picture. At the error output the
 * picture is then kept as `msg.failedInput`. For Catch nodes the message stays as it came, so that it can be sent
 * again; the error says what failed.
 *
 * @param {object} util - RED.util
 * @param {object} node
 * @param {object} msg
 * @param {object} fields
 * @param {string} fields.output - property expression of the output field
 * @param {?string} fields.input - property expression of the picture; null where the node takes none
 * @param {number} fields.errors - index of the output for errors
 * @param {Error} error - with a code
 * @returns {boolean} whether the message leaves at the error output; else Catch nodes get it
 */
function tellFailure(util, node, msg, fields, error) {
    const toOutput = Boolean(wiredOutputs(node)[fields.errors]);
    try {
        applyEdits(msg, failureEdits(util, msg, fields, toOutput, error));
        return toOutput;
    } catch (problem) {
        // The output field is no property of this message, or cannot be set.
        node.warn(`the failure cannot be put into the message: ${reasonOf(problem)}`);
        return false;
    }
}

function failureEdits(util, msg, { output, input }, toOutput, { code, message }) {
    const path = pathOf(util, output, msg);
    const edit = [path, { status: code, statusText: STATUS_CODES[code], error: { code, message } }];
    const source = picturePath(util, input, msg);
    if (!source || !overlap(path, source)) {
        return [edit];
    }
    return toOutput ? [[["failedInput"], new Reference(source)], edit] : [];
}

function picturePath(util, input, msg) {
    try {
        return input && pathOf(util, input, msg);
    } catch {
        // No property of this message: there is no picture to keep.
        return undefined;
    }
}

/** Split a property expression into keys; those that depend on the message are looked up in it. */
function pathOf(util, expression, msg) {
    return util.normalisePropertyExpression(expression.replace(/^msg\./, ""), msg);
}

/** Whether two paths are equal, or one is the beginning of the other. */
function overlap(one, other) {
    return one.slice(0, other.length).every((key, index) => String(key) === String(other[index]));
}

module.exports = { failure, reasonOf, tellFailure };
