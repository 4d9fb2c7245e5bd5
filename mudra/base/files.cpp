#include "mudra/base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include "mudra/base/error.hpp"

namespace mudra {
namespace {

// An open file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

// 0, or the errno of the first call that failed.
int write_all(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0 ? 0 : errno;
}

// The process that temporary_name() names, or 0 for other names.
pid_t writer_of(const std::filesystem::path& temporary) {
  if (temporary.extension() != ".tmp") return 0;
  const std::string digits = temporary.stem().extension().string();  // ".PID"
  pid_t writer = 0;
  const char* const end = digits.data() + digits.size();
  const bool whole = digits.size() > 1 && std::from_chars(digits.data() + 1, end, writer).ptr == end;
  return whole ? writer : 0;
}

// Opens a new file, never one that is there or that a link points to: what lies under the name is a killed
// writer's, or a trap. -1 and errno where it cannot.
int create(const std::filesystem::path& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const int file = ::open(path.c_str(), kFlags, 0666);
  if (file >= 0 || errno != EEXIST || ::unlink(path.c_str()) != 0) return file;
  return ::open(path.c_str(), kFlags, 0666);
}

// A device or a pipe that is there; a pipe that nobody reads fails instead of hanging. -1 and errno.
int open_special(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (file >= 0) ::fcntl(file, F_SETFL, 0);  // its reader may take its time
  return file;
}

// Device files such as /dev/stdout cannot be replaced by renaming.
bool is_special(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

}  // namespace

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  return fmt::format("{}.{}.tmp", path.string(), ::getpid());
}

void fail_io(const std::filesystem::path& path, int error) {
  throw Error(ErrorKind::kIo, fmt::format("{}: {}", path.string(), std::strerror(error)));
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  if (path.empty()) fail("an empty path names no file");
  // O_NONBLOCK: opening a pipe nobody writes to must fail below, not hang here.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) fail_io(path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail_io(path, errno);
  if (S_ISDIR(info.st_mode)) fail("{}: is a folder, not a file", path.string());
  if (!S_ISREG(info.st_mode)) fail("{}: is not a regular file", path.string());
  if (static_cast<std::uint64_t>(info.st_size) > kMaxFileBytes)
    fail("{}: {} bytes are more than the {} a file may have", path.string(), info.st_size, kMaxFileBytes);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_io(path, errno);
    if (got == 0) break;  // became shorter meanwhile
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::string read_text(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  struct stat info {};
  if (path.empty()) fail("an empty path names no file");
  if (::stat(path.c_str(), &info) == 0 ? S_ISDIR(info.st_mode) : !path.has_filename())
    fail("{}: is a folder", path.string());
  const bool special = is_special(path);
  const std::filesystem::path temporary = special ? path : temporary_name(path);
  Descriptor file(special ? open_special(path) : create(temporary));
  if (file.get() < 0 && special && errno == ENXIO) fail("{}: is a pipe that nobody reads", path.string());
  if (file.get() < 0) fail_io(path, errno);
  int error = write_all(file.get(), bytes);
  if (special && error == EINVAL) error = 0;  // a terminal or pipe has nothing to flush to
  if (file.close() != 0 && error == 0) error = errno;
  if (special) {
    if (error != 0) fail_io(path, error);
    return;
  }
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    fail_io(path, error);
  }
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void remove_abandoned_files(const std::filesystem::path& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const pid_t writer = writer_of(entry->path());
    if (writer > 0 && ::kill(writer, 0) != 0 && errno == ESRCH) ::unlink(entry->path().c_str());
  }
}

void make_folder(const std::filesystem::path& folder) {
  if (folder.empty()) fail("an empty path names no folder");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_io(folder, error.value());
  if (!std::filesystem::is_directory(folder, error)) fail("{}: is not a folder", folder.string());
}

}  // namespace mudra
