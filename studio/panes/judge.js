// How good a network is, and where it errs.
export function wake() {}
export function rest() {}
