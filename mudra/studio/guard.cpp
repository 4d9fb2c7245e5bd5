#include "mudra/studio/guard.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "mudra/base/files.hpp"

namespace mudra::studio {
namespace {

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

// Named by the port, so that two studios do not take each other's.
std::string cookie_name(const Guard& guard) { return fmt::format("mudra_{}", guard.port); }

// Of "a=1; mudra_8000=TOKEN; b=2"; empty where it is not there.
std::string_view cookie_value(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(';');
    std::string_view one = cookies.substr(0, end);
    cookies = end == std::string_view::npos ? "" : cookies.substr(end + 1);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) return one.substr(name.size() + 1);
  }
  return {};
}

std::optional<Response> checked_body(const Request& request) {
  const bool json = request.content_type == "application/json";
  if (!json && request.content_type != "image/png") return plain(415, "JSON or a PNG, please");
  std::size_t size = 0;
  const std::string& length = request.content_length;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
  if (error == std::errc::result_out_of_range) return plain(413, "that is too much");
  if (error != std::errc() || end != length.data() + length.size()) return plain(411, "how many bytes?");
  if (size > (json ? kMostJsonBytes : kMostPictureBytes)) return plain(413, "that is too much");
  return std::nullopt;
}

}  // namespace

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    fail_io("getrandom", errno);
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string link_of(const Guard& guard) {
  return fmt::format("http://127.0.0.1:{}/?token={}", guard.port, guard.token);
}

std::optional<Response> checked(const Guard& guard, const Request& request) {
  if (request.host != fmt::format("127.0.0.1:{}", guard.port) &&
      request.host != fmt::format("localhost:{}", guard.port))
    return plain(403, "this is not the studio of that host");
  if (request.origin && *request.origin != "http://" + request.host) return plain(403, "another origin");
  if (request.fetch_site && *request.fetch_site != "same-origin" && *request.fetch_site != "none")
    return plain(403, "another site");
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && request.method != "POST") return plain(405, "GET, HEAD or POST");
  if (request.unusual) return plain(400, "no parts, no packing, no chunks");
  if (reads && request.path == "/" && !request.token.empty()) {
    if (!equal_in_constant_time(request.token, guard.token)) return plain(403, "that token is wrong");
    Response response = {.status = 303, .type = "text/plain"};
    response.location = "/";
    response.set_cookie =
        fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/", cookie_name(guard), guard.token);
    return response;
  }
  if (!equal_in_constant_time(cookie_value(request.cookie, cookie_name(guard)), guard.token))
    return plain(401, "open the link that mudra studio shows in the terminal");
  return reads ? std::nullopt : checked_body(request);
}

}  // namespace mudra::studio
