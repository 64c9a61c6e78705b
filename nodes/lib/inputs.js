"use strict";

const { reasonOf } = require("./failures");
const { Opaque, portable } = require("./values");

/**
 * Look up a node's typed inputs for a message, as far as only Node-RED can (env, flow, global).
 *
 * @param {object} util - RED.util
 * @param {object} node
 * @param {Object<string, {type: string, value: string}>} inputs
 * @param {object} msg
 * @returns {Promise<Object<string, any>>} the part of each that can travel; never rejects
 */
async function evaluateInputs(util, node, inputs, msg) {
    const values = Object.entries(inputs).map(async ([name, { type, value }]) => {
        try {
            const found = await new Promise((resolve, reject) => {
                util.evaluateNodeProperty(value, type, node, msg, (error, result) =>
                    error ? reject(error) : resolve(result),
                );
            });
            return [name, portable(found)];
        } catch (error) {
            node.warn(`${name} cannot be looked up: ${reasonOf(error)}`);
            return [name, new Opaque("undefined")];
        }
    });
    return Object.fromEntries(await Promise.all(values));
}

/** Looks up the typed inputs of a node's messages, one message after the other, to keep their order. */
class Lookups {
    constructor(util, node) {
        this.util = util;
        this.node = node;
        this.order = Promise.resolve();
    }

    /**
     * Look up the inputs of a message at its turn. If a context store never answers, it delays the others only until
     * the message has ended.
     *
     * @param {import("./message").Message} message
     * @param {Object<string, {type: string, value: string}>} inputs
     * @param {() => boolean} isDue - whether the message still needs them
     * @param {(values: Object<string, any>) => void} take - must not throw
     */
    add(message, inputs, isDue, take) {
        const ended = new Promise((resolve) => (message.onEnd = resolve));
        this.order = this.order.then(async () => {
            if (isDue()) {
                const values = await Promise.race([evaluateInputs(this.util, this.node, inputs, message.msg), ended]);
                if (isDue()) {
                    take(values);
                }
            }
        });
    }
}

module.exports = { Lookups };
