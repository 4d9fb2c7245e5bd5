// What a network costs on the chip, and the board.
export function wake() {}
export function rest() {}
