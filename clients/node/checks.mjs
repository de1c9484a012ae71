// What the scripts say of what they have looked at: `ok` and a name, or what came instead, and an end with 1.

import { isDeepStrictEqual, inspect } from "node:util";

let wrong = 0;

export function same(name, got, expected) {
    if (isDeepStrictEqual(got, expected)) {
        console.log(`ok ${name}`);
    } else {
        wrong += 1;
        console.log(`WRONG ${name}: ${inspect(got, { depth: 9 })} instead of ${inspect(expected, { depth: 9 })}`);
    }
}

// Says whether a promise is refused with an error that has these fields; the error, for who wants to look at it.
export async function fails(name, fields, promise) {
    try {
        same(name, await promise, fields);
    } catch (error) {
        const cause = error.code === undefined && error.cause ? error.cause : error;
        same(name, Object.fromEntries(Object.keys(fields).map((key) => [key, cause[key]])), fields);
        return cause;
    }
}

export function end() {
    process.exitCode = wrong ? 1 : 0;
}
