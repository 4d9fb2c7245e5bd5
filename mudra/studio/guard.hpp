// Who may ask the studio for anything: every request passes here before its body is read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "mudra/studio/http.hpp"

namespace mudra::studio {

inline constexpr std::size_t kMostPictureBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMostJsonBytes = std::size_t{1} << 20;

struct Guard {
  int port = 0;       // that the studio listens on
  std::string token;  // of random_token(), in the link that the terminal shows
};

// 128 bits of the system's randomness in hexadecimal.
std::string random_token();

// "http://127.0.0.1:PORT/?token=TOKEN"
std::string link_of(const Guard& guard);

// Nothing for a request that may pass; else its answer. In this order it must: name this computer and port as
// its host (a rebound name does not), come from no other origin or site, be a GET, HEAD or POST, bring the
// token's cookie (or the token itself, for which it gets the cookie), and, to change anything, be JSON or a
// PNG of a stated size within the limits, which no form of another site can send.
std::optional<Response> checked(const Guard& guard, const Request& request);

}  // namespace mudra::studio
