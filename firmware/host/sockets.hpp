// The board's sockets, UART0 and USB, as file descriptors of simulated_board.hpp's Hardware.
#pragma once

namespace mudra::firmware::host {

// At a start of the board: the rate is that of the reset, and whoever took nothing is forgotten.
void plug_in();

}  // namespace mudra::firmware::host
