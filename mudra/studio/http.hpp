// What a page asks and what it is answered, without a library's types.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace mudra::studio {

struct Request {
  std::string method, path;  // "GET", "/api/state", decoded
  std::string token;         // of ?token=
  std::string host, cookie, content_type, content_length;
  std::optional<std::string> origin, fetch_site;
  // Whether it has what no page of ours sends: parts of a file, bodies that are packed or of unknown length.
  bool unusual = false;
  std::string body = {};
};

struct Response {
  int status = 200;
  std::string type = "application/json", body = {};
  std::string location = {}, set_cookie = {};
  // Instead of a body: the next piece of it, "" at its end. Returns within some seconds.
  std::function<std::string()> next = {};
};

inline Response plain(int status, std::string text) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(text) + "\n"};
}

}  // namespace mudra::studio
