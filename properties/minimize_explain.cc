// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/field_value.h"
#include "properties/minimize_search.h"
#include "properties/moves.h"

namespace restree {
namespace {

constexpr uint64_t kBits[] = {
    kResourceIo,        kResourceMem,       kResourceMuxed,
    kResourceSysram,    kResourceBusy,      kResourceUnset,
    kResourceExclusive, kResourceSizeAlign, kResourceStartAlign};
constexpr uint64_t kDescs = 11;

std::string OneLine(const Trace& trace) {
  const std::string text = PrintTrace(trace);
  return absl::StrReplaceAll(absl::StripSuffix(text, "\n"), {{"\n", "; "}});
}

// Asks of each value of the simplest trace, alone, what it may be instead.
class Explainer {
 public:
  explicit Explainer(Search* search)
      : search_(search), trace_(search->best()) {}

  std::vector<std::string> Lines() {
    for (size_t i = 0; i < trace_.ops.size(); ++i) {
      ExplainVerb(i);
      for (const Field field : InfoOf(trace_.ops[i].verb).fields) {
        ExplainField(i, field);
      }
    }
    return std::move(lines_);
  }

 private:
  bool Works(size_t at, const Op& op) {
    Trace trace = trace_;
    trace.ops[at] = op;
    return search_->Shows(trace);
  }

  void Say(size_t at, absl::string_view what) {
    lines_.push_back(absl::StrCat("op ", at + 1, ": ", what));
  }

  // The last value that works, going from `value` up, or down, without a gap
  // that doubling steps would see.
  static uint64_t Farthest(uint64_t value, bool up, uint64_t unit,
                           absl::FunctionRef<bool(uint64_t)> works) {
    const uint64_t room = (up ? UINT64_MAX - value : value) / unit;
    const auto at = [=](uint64_t way) {
      return up ? value + way * unit : value - way * unit;
    };
    uint64_t good = 0;
    uint64_t bad = 0;  // the least way known not to work; 0 if there is none
    for (uint64_t way = 1; bad == 0 && good < room;) {
      if (way > room) way = room;
      if (works(at(way))) {
        good = way;
        way = way > room / 2 ? room : 2 * way;
      } else {
        bad = way;
      }
    }
    while (bad > good + 1) {
      const uint64_t middle = good + (bad - good) / 2;
      (works(at(middle)) ? good : bad) = middle;
    }
    return at(good);
  }

  void ExplainNumber(size_t at, absl::string_view what, uint64_t value,
                     absl::FunctionRef<void(Op*, uint64_t)> set) {
    const auto works = [&](uint64_t other) {
      Op op = trace_.ops[at];
      set(&op, other);
      return Works(at, Normal(op));
    };
    for (const uint64_t unit : {uint64_t{1}, kPageBytes, kSubsectionBytes}) {
      const uint64_t low = Farthest(value, false, unit, works);
      const uint64_t high = Farthest(value, true, unit, works);
      if (low == value && high == value) continue;
      if (low == 0 && high == UINT64_MAX) {
        Say(at,
            absl::StrCat(what, " 0x", absl::Hex(value), " may be anything"));
        return;
      }
      std::string line =
          absl::StrCat(what, " 0x", absl::Hex(value), " may be 0x",
                       absl::Hex(low), " to 0x", absl::Hex(high));
      if (unit > 1) absl::StrAppend(&line, " in steps of 0x", absl::Hex(unit));
      Say(at, line);
      return;
    }
  }

  void ExplainFlags(size_t at) {
    std::vector<std::string> may;
    for (const uint64_t bit : kBits) {
      Op op = trace_.ops[at];
      const bool has = (op.flags & bit) != 0;
      op.flags ^= bit;
      if (!Works(at, op)) continue;
      may.push_back(absl::StrCat(has ? "lack " : "have ", FlagsText(bit)));
    }
    if (!may.empty()) {
      Say(at, absl::StrCat("the flags may ", absl::StrJoin(may, ", ")));
    }
  }

  void ExplainDesc(size_t at, std::string (*text)(uint64_t)) {
    std::vector<std::string> may;
    for (uint64_t desc = 0; desc < kDescs; ++desc) {
      Op op = trace_.ops[at];
      if (op.desc == desc) continue;
      op.desc = desc;
      if (Works(at, op)) may.push_back(text(desc));
    }
    if (may.size() + 1 == kDescs) {
      Say(at, "desc may be anything");
    } else if (!may.empty()) {
      Say(at, absl::StrCat("desc may be ", absl::StrJoin(may, ", ")));
    }
  }

  void ExplainVerb(size_t at) {
    const Op& op = trace_.ops[at];
    const bool defines = InfoOf(op.verb).Has(Field::kDefines);
    std::vector<std::string> may;
    for (int v = 0; v < kVerbs && defines && at + 1 < trace_.ops.size(); ++v) {
      const Verb verb = static_cast<Verb>(v);
      if (verb == op.verb || !InfoOf(verb).Has(Field::kDefines)) continue;
      if (Works(at, WithVerb(op, verb))) {
        may.emplace_back(InfoOf(verb).name);
      }
    }
    if (!may.empty()) {
      Say(at, absl::StrCat(InfoOf(op.verb).name, " may be ",
                           absl::StrJoin(may, ", ")));
    }
  }

  void ExplainField(size_t at, Field field) {
    const Op& op = trace_.ops[at];
    switch (field) {
      case Field::kRange:
      case Field::kPfns:
        ExplainNumber(at, "the start", op.range.start,
                      [](Op* it, uint64_t value) { it->range.start = value; });
        ExplainNumber(at, "the end", op.range.end,
                      [](Op* it, uint64_t value) { it->range.end = value; });
        break;
      case Field::kAddress:
      case Field::kPfn:
        ExplainNumber(
            at, "the address", op.range.start,
            [](Op* it, uint64_t value) { it->range = {value, value}; });
        break;
      case Field::kSize:
      case Field::kAlign:
        ExplainNumber(
            at, field == Field::kSize ? "size" : "align", ValueOf(op, field),
            [field](Op* it, uint64_t value) { SetValue(field, value, it); });
        break;
      case Field::kFlags:
        ExplainFlags(at);
        break;
      case Field::kDesc:
        ExplainDesc(at, DescText);
        break;
      case Field::kType:
        ExplainDesc(at, MemoryTypeText);
        break;
      default:
        break;
    }
  }

  Search* search_;
  const Trace trace_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> Explain(Search* search) {
  std::vector<std::string> lines = Explainer(search).Lines();
  if (search->is_spent()) {
    lines.push_back("the budget is spent: other values may vary, too");
  }
  for (const auto& [signature, rejection] : search->rejections()) {
    const std::string how = signature.empty()
                                ? "where nothing fails"
                                : absl::StrCat("that fail as ", signature);
    lines.push_back(absl::StrCat("rejected: ", rejection.count, " traces ", how,
                                 ", such as ", OneLine(rejection.example)));
  }
  return lines;
}

}  // namespace restree
