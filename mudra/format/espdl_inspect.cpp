#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "mudra/base/error.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/espdl_container.hpp"
#include "mudra/format/espdl_payload.hpp"

namespace mudra::format {
namespace {

std::string scaled(const std::optional<std::int64_t>& exponent) {
  return exponent ? fmt::format(" * 2^{}", *exponent) : "";
}

std::string form_of(const StoredValue& value) {
  if (!value.problem.empty()) return value.problem;
  return fmt::format("{} [{}]{}", graph::name_of(value.type), fmt::join(value.shape, ", "),
                     scaled(value.exponent));
}

std::string form_of(const StoredTensor& tensor) {
  if (!tensor.problem.empty()) return tensor.problem;
  return fmt::format("{} [{}]{}", graph::name_of(static_cast<graph::Type>(tensor.values.index())),
                     fmt::join(tensor.dims, ", "), scaled(tensor.exponent));
}

std::string text_of(const StoredAttribute& attribute) {
  struct Text {
    std::string operator()(std::monostate) const { return "?"; }
    std::string operator()(float number) const { return fmt::format("{}", number); }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::int64_t>& numbers) const {
      return fmt::format("[{}]", fmt::join(numbers, ", "));
    }
  };
  return fmt::format("{}={}", attribute.name, std::visit(Text{}, attribute.value));
}

// A payload as text for people, whether its operations are known or not.
class PayloadText {
 public:
  explicit PayloadText(const Payload& payload) : payload_(payload) {
    for (const auto* list : {&payload.values, &payload.outputs, &payload.inputs})
      for (const StoredValue& value : *list) forms_[value.name] = form_of(value);
    for (const StoredTensor& tensor : payload.initializers) constants_[tensor.name] = form_of(tensor);
  }

  std::string text(EspdlGeneration generation) const {
    std::string text = fmt::format("{} graph '{}': {} nodes, {} constants\n",
                                   generation == EspdlGeneration::kEdl1 ? "EDL1" : "EDL2",
                                   payload_.graph_name, payload_.nodes.size(), payload_.initializers.size());
    const auto line = [&](const std::string& role, const std::string& value) {
      if (!value.empty()) text += printable(fmt::format("{}: {}", role, value)) + "\n";
    };
    line("producer",
         payload_.producer_name + (payload_.producer_version.empty() ? "" : " " + payload_.producer_version));
    line("description", payload_.doc_string);
    for (const auto& [key, value] : payload_.metadata) line(fmt::format("metadata {}", key), value);
    for (const StoredValue& value : payload_.inputs)
      line("input", fmt::format("{}  {}", value.name, form_of(value)));
    for (const StoredValue& value : payload_.outputs)
      line("output", fmt::format("{}  {}", value.name, form_of(value)));
    line("test vectors",
         payload_.test_inputs.empty() ? "none" : fmt::format("{}", payload_.test_inputs.size()));
    text += "\n";
    for (const StoredNode& node : payload_.nodes) text += text_of_node(node);
    return text;
  }

 private:
  std::string text_of_node(const StoredNode& node) const {
    std::string text = fmt::format("{}  {}", node.name, node.op_type);
    for (const StoredAttribute& attribute : node.attributes) text += fmt::format(" {}", text_of(attribute));
    text += "\n";
    for (const std::string& name : node.inputs) {
      const auto constant = constants_.find(name);
      if (name.empty()) continue;  // left out
      if (constant == constants_.end())
        text += fmt::format("    from {}\n", name);
      else
        text += fmt::format("    with {}  {}\n", name, constant->second);
    }
    for (const std::string& name : node.outputs) {
      const auto form = forms_.find(name);
      text += fmt::format("    to   {}  {}\n", name, form == forms_.end() ? "?" : form->second);
    }
    return text;
  }

  const Payload& payload_;
  std::map<std::string_view, std::string> forms_, constants_;
};

// Why the file looks made for another chip than the ESP32-S3; empty when it does not.
std::string other_chip(const Payload& payload) {
  for (const auto& [key, value] : payload.metadata)
    for (const char* name : {"target", "chip", "soc"})
      if (key == name && value != "esp32s3")
        return fmt::format("made for another chip than the ESP32-S3: its metadata '{}' is '{}'", key, value);
  constexpr std::array<std::string_view, 4> kPlain = {"NHWC", "HWCN", "NWC", "WCN"};
  for (const StoredTensor& tensor : payload.initializers)
    for (const std::string_view layout : kPlain)
      if (tensor.doc_string == fmt::format("layout ==> {}", layout))
        return fmt::format(
            "made for another chip than the ESP32-S3: '{}' is laid out {}, for chips without a vector unit",
            tensor.name, layout);
  return "";
}

EspdlReport report_of(std::string name, const EspdlContainer& container) {
  const Payload payload = parse_payload(container.payload, container.generation);
  EspdlReport report{.name = std::move(name), .file = {}, .text = {}, .remarks = {}};
  if (std::string chip = other_chip(payload); !chip.empty()) report.remarks.push_back(std::move(chip));
  try {
    report.file = file_of(payload, container.generation);
    report.text = describe(*report.file);
  } catch (const Error& error) {
    report.remarks.push_back("mudra cannot run it: " + error.text);
    report.text = PayloadText(payload).text(container.generation);
  }
  return report;
}

}  // namespace

std::vector<EspdlReport> inspect_espdl(std::span<const std::uint8_t> bytes) {
  if (!is_espdl_pack(bytes)) return {report_of("", open_single(bytes))};
  std::vector<EspdlReport> reports;
  for (auto& [name, container] : open_pack(bytes))
    with_context(
        name, [&, &name = name, &container = container] { reports.push_back(report_of(name, container)); });
  return reports;
}

}  // namespace mudra::format
