#include "mudra/studio/guard.hpp"

#include <gtest/gtest.h>

#include <set>

namespace mudra::studio {
namespace {

const Guard kGuard = {.port = 8123, .token = "00112233445566778899aabbccddeeff"};

Request good_read() {
  Request request;
  request.method = "GET";
  request.path = "/";
  request.host = "127.0.0.1:8123";
  request.cookie = "mudra_8123=00112233445566778899aabbccddeeff";
  return request;
}

Request good_change() {
  Request request = good_read();
  request.method = "POST";
  request.path = "/api/jobs";
  request.content_type = "application/json";
  request.content_length = "12";
  return request;
}

// 200: it passes.
int status_of(const Request& request) {
  const auto response = checked(kGuard, request);
  return response ? response->status : 200;
}

template <typename Value>
int read_with(Value Request::*field, const Value& value) {
  Request request = good_read();
  request.*field = value;
  return status_of(request);
}

template <typename Value>
int change_with(Value Request::*field, const Value& value) {
  Request request = good_change();
  request.*field = value;
  return status_of(request);
}

using Text = std::string;
using Maybe = std::optional<std::string>;

TEST(Guard, lets_its_own_page_pass) {
  EXPECT_EQ(status_of(good_read()), 200);
  EXPECT_EQ(status_of(good_change()), 200);
  EXPECT_EQ(read_with(&Request::host, Text("localhost:8123")), 200);
  EXPECT_EQ(read_with(&Request::method, Text("HEAD")), 200);
  for (const char* site : {"same-origin", "none"})
    EXPECT_EQ(read_with(&Request::fetch_site, Maybe(site)), 200);
  EXPECT_EQ(change_with(&Request::origin, Maybe("http://127.0.0.1:8123")), 200);
  EXPECT_EQ(change_with(&Request::content_type, Text("image/png")), 200);
  EXPECT_EQ(read_with(&Request::cookie, Text("a=b; mudra_8123=" + kGuard.token + "; mudra_9=c")), 200);
}

TEST(Guard, refuses_names_of_other_hosts) {
  for (const char* host :
       {"evil.example:8123", "evil.example", "", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:81234",
        "127.0.0.1:8123.evil.example", "[::1]:8123", "LOCALHOST:8123", "0.0.0.0:8123"})
    EXPECT_EQ(read_with(&Request::host, Text(host)), 403) << host;
}

TEST(Guard, refuses_other_origins_and_sites) {
  for (const char* origin : {"http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:8123", "null",
                             "", "http://localhost:8123"})  // not the name that was asked
    EXPECT_EQ(change_with(&Request::origin, Maybe(origin)), 403) << origin;
  for (const char* site : {"cross-site", "same-site", ""})
    EXPECT_EQ(change_with(&Request::fetch_site, Maybe(site)), 403) << site;
}

TEST(Guard, refuses_other_methods) {
  for (const char* method : {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", ""})
    EXPECT_EQ(change_with(&Request::method, Text(method)), 405) << method;
}

TEST(Guard, wants_the_cookie_of_this_studio) {
  for (const Text& cookie : {Text(), Text("mudra_8123="), Text("mudra_8123=00112233445566778899aabbccddeef0"),
                             Text("mudra_8124=" + kGuard.token), Text("xmudra_8123=" + kGuard.token),
                             Text("mudra_8123=" + kGuard.token + "0"), Text("mudra_8123 =" + kGuard.token),
                             Text(";;;=;"), Text("mudra_8123"), kGuard.token}) {
    EXPECT_EQ(read_with(&Request::cookie, cookie), 401) << cookie;
    EXPECT_EQ(change_with(&Request::cookie, cookie), 401) << cookie;
  }
}

TEST(Guard, trades_the_link_for_a_cookie_that_no_script_reads) {
  Request request = good_read();
  request.cookie = "";
  request.token = kGuard.token;
  const auto response = checked(kGuard, request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 303);
  EXPECT_EQ(response->location, "/");
  EXPECT_EQ(response->set_cookie,
            "mudra_8123=00112233445566778899aabbccddeeff; HttpOnly; SameSite=Strict; Path=/");
  request.token = "00112233445566778899aabbccddeef0";
  EXPECT_EQ(status_of(request), 403);
  request.token = kGuard.token;
  request.path = "/api/state";
  EXPECT_EQ(status_of(request), 401);
  request.path = "/";
  request.method = "POST";
  EXPECT_EQ(status_of(request), 401);
}

TEST(Guard, takes_changes_only_as_no_form_can_send_them) {
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/json; charset=utf-8", "image/jpeg"})
    EXPECT_EQ(change_with(&Request::content_type, Text(type)), 415) << type;
  EXPECT_EQ(change_with(&Request::unusual, true), 400);
  EXPECT_EQ(read_with(&Request::unusual, true), 400);
}

TEST(Guard, limits_what_is_sent) {
  for (const char* length : {"", "-1", "+1", "1x", "0x10", " 1"})
    EXPECT_EQ(change_with(&Request::content_length, Text(length)), 411) << length;
  EXPECT_EQ(change_with(&Request::content_length, std::to_string(kMostJsonBytes)), 200);
  EXPECT_EQ(change_with(&Request::content_length, std::to_string(kMostJsonBytes + 1)), 413);
  EXPECT_EQ(change_with(&Request::content_length, Text("99999999999999999999999")), 413);
  Request picture = good_change();
  picture.content_type = "image/png";
  picture.content_length = std::to_string(kMostPictureBytes);
  EXPECT_EQ(status_of(picture), 200);
  picture.content_length = std::to_string(kMostPictureBytes + 1);
  EXPECT_EQ(status_of(picture), 413);
}

TEST(Guard, has_a_token_of_128_bits_that_is_another_each_time) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(random_token());
  EXPECT_EQ(tokens.size(), 100);
  for (const std::string& token : tokens) {
    EXPECT_EQ(token.size(), 32);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
  EXPECT_EQ(link_of(kGuard), "http://127.0.0.1:8123/?token=00112233445566778899aabbccddeeff");
}

}  // namespace
}  // namespace mudra::studio
