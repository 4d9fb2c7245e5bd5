// Files that other programs wrote: those that ran on real chips, and those of the reference quantizer.
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <string>

#include "mudra/base/files.hpp"
#include "mudra/format/espdl.hpp"
#include "tests/refusal.hpp"
#include "tests/shared_data.hpp"

namespace mudra::format {
namespace {

std::vector<std::filesystem::path> espdl_files() {
  std::vector<std::filesystem::path> files;
  if (shared_data().empty()) return files;
  for (const char* folder : {"published/models", "reference-quantizer"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(shared_data(folder)))
      if (entry.path().extension() == ".espdl") files.push_back(entry.path());
  return files;
}

std::string checksum(const graph::Values& values) {
  return std::visit(
      [](const auto& numbers) {
        std::int64_t sum = 0;
        std::uint64_t weighted = 0, place = 0;
        for (const auto number : numbers) {
          const auto value = static_cast<std::int64_t>(number);
          sum += value;
          weighted += static_cast<std::uint64_t>(value) * ++place;
        }
        return fmt::format("{} {}", sum, weighted);
      },
      values);
}

std::string shape_text(const graph::Shape& shape) { return fmt::format("{}", fmt::join(shape, "x")); }

// The lines of espdl_facts.py.
std::multiset<std::string> facts_of(const EspdlFile& file) {
  std::multiset<std::string> facts;
  for (const graph::Tensor& tensor : file.graph.tensors) {
    std::string fact =
        fmt::format("{} {} {} {} {}", tensor.is_constant() ? "constant" : "activation", tensor.name,
                    graph::name_of(tensor.type), *tensor.exponent, shape_text(tensor.shape));
    if (tensor.is_constant()) fact += fmt::format(" {}", checksum(*tensor.values));
    facts.insert(std::move(fact));
  }
  for (const EspdlTest& test : file.tests) {
    facts.insert("test input " + checksum(test.input));
    facts.insert("test output " + checksum(test.output));
  }
  return facts;
}

std::multiset<std::string> lines_of(const std::string& command) {
  std::multiset<std::string> lines;
  std::FILE* output = popen(command.c_str(), "r");
  if (output == nullptr) return lines;
  std::string line;
  for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) {
    if (c == '\n')
      lines.insert(std::exchange(line, {}));
    else
      line += static_cast<char>(c);
  }
  EXPECT_EQ(pclose(output), 0) << command;
  return lines;
}

// Ten of the files give the transposed pool the shape of the inverse permutation, two the one it has.
std::multiset<std::string> facts_in_python(const std::filesystem::path& path) {
  constexpr std::string_view kInverse = "1x1x32x1", kTrue = "1x32x1x1";
  std::multiset<std::string> facts;
  for (std::string fact :
       lines_of("/usr/bin/python3 " MUDRA_TEST_FOLDER "/espdl_facts.py '" + path.string() + "'")) {
    if (fact.ends_with(kInverse)) fact.replace(fact.size() - kInverse.size(), kInverse.size(), kTrue);
    facts.insert(std::move(fact));
  }
  return facts;
}

TEST(PublishedEspdl, reads_as_an_independent_reader_in_python_does) {
  const auto files = espdl_files();
  if (files.empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  ASSERT_EQ(files.size(), 12u);
  for (const auto& path : files) {
    const EspdlFile file = load_espdl(path);
    const auto expected = facts_in_python(path);
    ASSERT_GT(expected.size(), 40u) << path;
    EXPECT_EQ(facts_of(file), expected) << path;
  }
}

TEST(PublishedEspdl, survives_writing_and_reading_in_its_own_generation) {
  const auto files = espdl_files();
  if (files.empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  for (const auto& path : files) {
    const EspdlFile file = load_espdl(path);
    const auto bytes = write_espdl(file);
    EXPECT_EQ(read_espdl(bytes), file) << path;
    EXPECT_LT(bytes.size(), std::filesystem::file_size(path)) << path;
  }
}

TEST(PublishedEspdl, of_2024_becomes_one_of_today) {
  const auto files = espdl_files();
  if (files.empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  int converted = 0;
  for (const auto& path : files) {
    EspdlFile file = load_espdl(path);
    if (file.generation != EspdlGeneration::kEdl1) continue;
    file.generation = EspdlGeneration::kEdl2;
    const EspdlFile today = read_espdl(write_espdl(file));
    EXPECT_EQ(today.generation, EspdlGeneration::kEdl2);
    EXPECT_EQ(today.graph.nodes, file.graph.nodes);
    ++converted;
  }
  EXPECT_EQ(converted, 4);
}

TEST(PublishedEspdl, written_again_reads_the_same_in_python) {
  const auto files = espdl_files();
  if (files.empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const std::string again = testing::TempDir() + "again.espdl";
  for (const auto& path : files) {
    write_file(again, write_espdl(load_espdl(path)));
    EXPECT_EQ(facts_in_python(again), facts_in_python(path)) << path;
  }
  std::filesystem::remove(again);
}

// Whatever operations they have, and of any size: an inspector shows every whole file.
TEST(PublishedEspdl, is_shown_whether_mudra_can_run_it_or_not) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  int files = 0, runnable = 0;
  for (const auto& folder : {shared_folder("vendor-models"), shared_folder("reference-operators"),
                             shared_data("published/models"), shared_data("reference-quantizer")})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".espdl") continue;
      ++files;
      std::vector<EspdlReport> reports;
      ASSERT_EQ(refusal([&] { reports = inspect_espdl(read_file(entry.path())); }), "") << entry.path();
      ASSERT_EQ(reports.size(), 1u);
      runnable += reports[0].file.has_value();
      EXPECT_NE(reports[0].text.find("    to   "), std::string::npos) << entry.path();
      EXPECT_EQ(reports[0].file.has_value(), reports[0].remarks.empty()) << entry.path();
      EXPECT_EQ(reports[0].file.has_value(), refusal([&] { load_espdl(entry.path()); }).empty());
    }
  EXPECT_EQ(files, 106);
  EXPECT_GE(runnable, 20);
}

}  // namespace
}  // namespace mudra::format
