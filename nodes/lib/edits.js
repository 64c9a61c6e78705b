"use strict";

/** Apply edits to a message; throws a TypeError that names the property that cannot be set. */
function applyEdits(msg, edits) {
    for (const [path, value] of edits) {
        if (!setProperty(msg, path, value)) {
            throw new TypeError(
                `msg.${path.join(".")} cannot be set: something on the way to it is no object. ` +
                    "Choose another output field.",
            );
        }
    }
}

/**
 * Set a property as RED.util.setMessageProperty does with missing parents created, for a path that is already
 * split into keys; those can hold any character, so there is not always an expression for them.
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

module.exports = { applyEdits, setProperty };
