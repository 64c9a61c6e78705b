"use strict";
// Answers, for each line {expression, msg} on standard input, what Node-RED's own RED.util makes of the expression.
const readline = require("node:readline");
const { util } = require("@node-red/util");

function answer({ expression, msg }) {
    const result = {};
    try {
        result.path = util.normalisePropertyExpression(expression.replace(/^msg\./, ""), msg);
    } catch (error) {
        return { invalid: String(error.message) };
    }
    try {
        const value = util.getMessageProperty(msg, expression);
        if (value !== undefined) {
            result.value = value;
        }
    } catch {
        // A property of undefined or null: there is no value.
    }
    return result;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
    process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
});
