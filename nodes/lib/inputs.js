"use strict";

const { Opaque, portable } = require("./values");

/**
 * Look up a node's typed inputs for a message, as far as only Node-RED can (env, flow, global).
 *
 * @param {object} util - RED.util
 * @param {object} node
 * @param {Object<string, {type: string, value: string}>} inputs
 * @param {object} msg
 * @returns {Promise<Object<string, any>>} what travels of each; never rejects
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
            node.warn(`${name} cannot be looked up: ${error.message}`);
            return [name, new Opaque("undefined")];
        }
    });
    return Object.fromEntries(await Promise.all(values));
}

module.exports = { evaluateInputs };
