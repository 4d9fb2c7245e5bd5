// The studio: a page on this computer, on which a person goes from a camera to a network of their own.
#pragma once

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "mudra/studio/board_eye.hpp"
#include "mudra/studio/commands.hpp"
#include "mudra/studio/events.hpp"
#include "mudra/studio/http.hpp"
#include "mudra/studio/jobs.hpp"
#include "mudra/studio/pictures.hpp"
#include "mudra/studio/project.hpp"

namespace mudra::studio {

struct StudioOptions {
  std::string folder;
  std::string board;  // its port; "": there is none
  int port = 0;       // of the page; 0: any that is free
  bool open = true;   // in the browser, where there is a display
};

// The answers to requests that have passed the guard.
class Studio {
 public:
  // Throws Error as Project does.
  explicit Studio(const StudioOptions& options);

  // May be called from several threads. What a request gets wrong is 400 with one line.
  Response answer(const Request& request);

  // Pages are told no more, and what runs now counts as interrupted.
  void end() {
    ending_ = true;
    events_.end();
  }

 private:
  Response read(const std::string& path);
  Response latest_model(bool about);  // or the model itself
  Response change(const Request& request);
  // Tells the pages {"pictures": {"from": PLACE, "to": PLACE}}, without one that is empty: a picture came,
  // went or moved. A place without "file": some of its class and sitting.
  void say_changed(const PicturePlace& from, const PicturePlace& to);
  Response say_kept(const Pictures::Kept& kept);
  nlohmann::ordered_json state();
  Command command_in(const nlohmann::json& request);
  Response begin(const nlohmann::json& request);

  std::string board_;
  Project project_;
  Pictures pictures_;
  Events events_;
  std::mutex beginning_;
  std::atomic<int> streams_ = 0;
  std::atomic<bool> ending_ = false;
  BoardEye eye_;
  Jobs jobs_;
};

// Serves the page until the user interrupts it. Prints its link. Throws Error: another studio has the folder
// open, the port is taken, this program has no engine for browsers.
void run_studio(const StudioOptions& options);

}  // namespace mudra::studio
