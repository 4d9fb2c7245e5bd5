// The studio's HTTP server: 127.0.0.1 alone, a thread for each connection, an answer for each request.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "mudra/studio/http.hpp"

namespace mudra::studio {

// The only file of the module that knows the library. Every connection carries one request.
class HttpServer {
 public:
  // `check` sees each request before its body is read and may answer it; `answer` gets those that pass, from
  // several threads at once.
  HttpServer(std::function<std::optional<Response>(const Request&)> check,
             std::function<Response(const Request&)> answer);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Takes `port`, 0: any that is free; which it is. Throws Error{kIo} for one that is taken.
  int bind(int port);

  void listen();  // until stop() of another thread
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mudra::studio
