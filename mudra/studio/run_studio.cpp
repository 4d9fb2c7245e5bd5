#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "mudra/base/interrupt.hpp"
#include "mudra/base/output.hpp"
#include "mudra/studio/guard.hpp"
#include "mudra/studio/http_server.hpp"
#include "mudra/studio/studio.hpp"

namespace mudra::studio {
namespace {

// Where there is no display, or no xdg-open, the link in the terminal has to do.
void open_in_browser(std::string link) {
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return;
  char program[] = "xdg-open";
  char* words[] = {program, link.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t child = 0;
  if (posix_spawnp(&child, program, &actions, nullptr, words, environ) == 0)
    std::thread([child] { waitpid(child, nullptr, 0); }).detach();
  posix_spawn_file_actions_destroy(&actions);
}

}  // namespace

void run_studio(const StudioOptions& options) {
  constexpr auto kLook = std::chrono::milliseconds(100);
  Studio studio(options);
  Guard guard{.token = random_token()};
  HttpServer server([&](const Request& request) { return checked(guard, request); },
                    [&](const Request& request) { return studio.answer(request); });
  guard.port = server.bind(options.port);
  std::thread listening([&] { server.listen(); });
  print_out("{}\n", link_of(guard));
  flush_stdout();
  if (options.open) open_in_browser(link_of(guard));
  do std::this_thread::sleep_for(kLook);
  while (!interrupted());
  studio.end();
  server.stop();
  listening.join();
}

}  // namespace mudra::studio
