"use strict";

/** A generator of whole numbers below a bound, the same in every run. */
function numbers(seed) {
    let state = seed;
    return (bound) => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        return Math.floor((state / 2 ** 31) * bound);
    };
}

module.exports = { numbers };
