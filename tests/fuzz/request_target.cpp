// Whatever a request says, who has no cookie gets no answer but a refusal, and who has it gets a known answer
// and changes nothing outside of the studio's folder.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>

#include "mudra/base/files.hpp"
#include "mudra/studio/guard.hpp"
#include "mudra/studio/studio.hpp"
#include "tests/fuzz/targets.hpp"

namespace mudra::fuzz {
namespace {

namespace fs = std::filesystem;

void promise(bool kept) {
  if (!kept) std::abort();
}

// A studio of an empty folder, which starts nothing.
struct Place {
  fs::path root = fs::temp_directory_path() / fmt::format("mudra_requests_{}", ::getpid());
  fs::path outside = root / "x.png";
  studio::Studio studio{[this] {
    make_folder(root);
    write_text(outside, "outside");
    return studio::StudioOptions{.folder = (root / "studio").string(), .board = {}, .port = 0, .open = false};
  }()};
  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { fs::remove_all(root); }
};

std::string_view cut_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

// METHOD, PATH, HOST, COOKIE, TYPE, LENGTH and TOKEN, a line each, and the body.
studio::Request request_of(std::string_view rest) {
  studio::Request request;
  for (std::string* field : {&request.method, &request.path, &request.host, &request.cookie,
                             &request.content_type, &request.content_length, &request.token})
    *field = cut_line(rest);
  request.body = rest;
  return request;
}

}  // namespace

void read_request(Bytes bytes) {
  static Place place;
  const studio::Request request = request_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const studio::Guard guard{.port = 8000, .token = std::string(32, 'a')};
  const bool knows = request.cookie.find("mudra_8000=" + guard.token) != std::string::npos;
  const auto refused = studio::checked(guard, request);
  if (!refused) promise(knows && (request.host == "127.0.0.1:8000" || request.host == "localhost:8000"));
  if (refused && refused->status == 303) promise(request.token == guard.token);
  if (request.path == "/api/jobs") return;  // would run this very program

  const studio::Response response = place.studio.answer(request);
  constexpr std::array kKnown = {200, 204, 400, 404, 409, 415, 503};
  promise(std::ranges::find(kKnown, response.status) != kKnown.end());
  if (response.status == 400)
    promise(response.body.ends_with('\n') && response.body.find('\n') + 1 == response.body.size());
  promise(std::distance(fs::directory_iterator(place.root), {}) == 2 &&
          read_text(place.outside) == "outside");
  if (response.status == 200 && request.method == "POST")
    for (const char* folder : {"pictures", "trash"})
      for (const auto& entry : fs::directory_iterator(place.root / "studio" / folder)) fs::remove_all(entry);
}

}  // namespace mudra::fuzz
