// The table of boards in the words of others: Kconfig, sdkconfig, Markdown, and for people.
#pragma once

#include <string>

#include "mudra/deploy/board_kinds.hpp"

namespace mudra::deploy {

// firmware/main/Kconfig.boards: the choice of a board, and what depends on it with each board's defaults.
std::string kconfig_of_boards();

// firmware/boards/NAME.defaults: what ESP-IDF's own menus have to know of the board, beside the choice of it.
std::string settings_of_board(const BoardKind& board);

// The table of docs/firmware.md.
std::string markdown_of_boards();

// What `mudra deploy --board list` prints.
std::string text_of_boards();

// "0", "8 MB octal"; "plain, GPIO21, on when low"; "upright", "flipped, mirrored, turned by 90": of a board.
std::string psram_text(const BoardKind& board);
std::string led_text(const BoardKind& board);
std::string orientation_text(const BoardCamera& camera);
std::string_view name_of(Socket socket);  // "USB", "UART bridge"

}  // namespace mudra::deploy
