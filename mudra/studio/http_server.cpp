// Compiled without the library's checked containers (CMakeLists.txt): those of httplib are plain ones, so
// that nothing in this file may take a container from, or give one to, the rest of the program.
#include "mudra/studio/http_server.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <utility>

#include "mudra/base/error.hpp"

namespace mudra::studio {
namespace {

constexpr std::size_t kConnections = 24;  // at once; of them the streams of events
constexpr std::size_t kMostBytes = std::size_t{4} << 20;

std::optional<std::string> header_of(const httplib::Request& asked, const char* name) {
  if (!asked.has_header(name)) return std::nullopt;
  return asked.get_header_value(name);
}

Request request_of(const httplib::Request& asked) {
  return {.method = asked.method,
          .path = asked.path,
          .token = asked.get_param_value("token"),
          .host = asked.get_header_value("Host"),
          .cookie = asked.get_header_value("Cookie"),
          .content_type = asked.get_header_value("Content-Type"),
          .content_length = asked.get_header_value("Content-Length"),
          .origin = header_of(asked, "Origin"),
          .fetch_site = header_of(asked, "Sec-Fetch-Site"),
          .unusual = asked.has_header("Range") || asked.has_header("Transfer-Encoding") ||
                     asked.has_header("Content-Encoding") ||
                     asked.get_header_value_count("Content-Length") > 1 ||
                     asked.get_header_value_count("Host") > 1};
}

void send(Response made, httplib::Response& out) {
  out.status = made.status;
  if (!made.location.empty()) out.set_header("Location", made.location);
  if (!made.set_cookie.empty()) out.set_header("Set-Cookie", made.set_cookie);
  if (!made.next) {
    out.set_content(made.body, made.type);
    return;
  }
  out.set_chunked_content_provider(made.type,
                                   [next = std::move(made.next)](std::size_t, httplib::DataSink& sink) {
                                     const std::string piece = next();
                                     if (piece.empty()) sink.done();
                                     return piece.empty() || sink.write(piece.data(), piece.size());
                                   });
}

}  // namespace

struct HttpServer::Parts {
  std::function<std::optional<Response>(const Request&)> check;
  std::function<Response(const Request&)> answer;
  httplib::Server server;
};

HttpServer::HttpServer(std::function<std::optional<Response>(const Request&)> check,
                       std::function<Response(const Request&)> answer)
    : parts_(std::make_unique<Parts>()) {
  parts_->check = std::move(check);
  parts_->answer = std::move(answer);
  httplib::Server& server = parts_->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kConnections); };
  server.set_keep_alive_max_count(1);  // what a refused request had behind its head is never read as another
  server.set_payload_max_length(kMostBytes);
  // One that is taken is refused instead of shared, as the library would.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    fcntl(socket, F_SETFD, FD_CLOEXEC);
  });
  server.set_default_headers(
      {{"Content-Security-Policy",
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob:; media-src 'self' blob: mediastream:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"},
       {"X-Content-Type-Options", "nosniff"},
       {"X-Frame-Options", "DENY"},
       {"Referrer-Policy", "no-referrer"},
       {"Cross-Origin-Resource-Policy", "same-origin"},
       {"Cross-Origin-Opener-Policy", "same-origin"},
       {"Cache-Control", "no-store"}});
  server.set_pre_routing_handler([this](const httplib::Request& asked, httplib::Response& out) {
    std::optional<Response> refusal = parts_->check(request_of(asked));
    if (!refusal) return httplib::Server::HandlerResponse::Unhandled;
    send(std::move(*refusal), out);
    return httplib::Server::HandlerResponse::Handled;
  });
  const auto handle = [this](const httplib::Request& asked, httplib::Response& out) {
    Request request = request_of(asked);
    request.body = asked.body;
    send(parts_->answer(request), out);
  };
  server.Get(".*", handle);
  server.Post(".*", handle);
  server.set_exception_handler([](const httplib::Request&, httplib::Response& out,
                                  const std::exception_ptr&) { send(plain(500, "that went wrong"), out); });
}

HttpServer::~HttpServer() = default;

int HttpServer::bind(int port) {
  constexpr const char* kHere = "127.0.0.1";
  const int bound = port == 0                                  ? parts_->server.bind_to_any_port(kHere)
                    : parts_->server.bind_to_port(kHere, port) ? port
                                                               : -1;
  if (bound <= 0) throw Error(ErrorKind::kIo, fmt::format("port {} of this computer is not free", port));
  return bound;
}

void HttpServer::listen() { parts_->server.listen_after_bind(); }
void HttpServer::stop() { parts_->server.stop(); }

}  // namespace mudra::studio
