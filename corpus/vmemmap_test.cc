// SPDX-License-Identifier: Apache-2.0

// What is wrong with the separate resource of an altmap as it was proposed:
// each trace of corpus/vmemmap breaks, by its last op, the law that its name
// begins with, on the model and on every kernel that does as proposed; and none
// where machines do the sound thing. docs/vmemmap.md tells each one's story.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "kernel/all_machines.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/report.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << "cannot read " << path;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

TraceDocument ReadTrace(const std::string& path) {
  absl::StatusOr<TraceDocument> document = ParseTrace(ReadFile(path), path);
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? *std::move(document) : TraceDocument();
}

class Vmemmap : public testing::TestWithParam<std::string> {
 protected:
  std::string path() const {
    return absl::StrCat("corpus/vmemmap/", GetParam(), ".trace");
  }
  TraceDocument document() const { return ReadTrace(path()); }
  std::string law() const { return GetParam().substr(0, GetParam().find('-')); }
};

TEST_P(Vmemmap, IsCanonicalAndDocumented) {
  EXPECT_EQ(PrintTrace(document()), ReadFile(path()));
  EXPECT_TRUE(absl::StartsWith(ReadFile(path()), "# "));
  EXPECT_TRUE(absl::StrContains(ReadFile("docs/vmemmap.md"),
                                absl::StrCat("\n### ", GetParam(), "\n")));
}

TEST_P(Vmemmap, BreaksItsLawAsProposed) {
  const Trace trace = document().trace;
  Model model(AltmapVariant::kPatch);
  const std::optional<Failure> failure = Check(trace, {&model});
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, Failure::Kind::kLaw);
  EXPECT_EQ(failure->what, law());
  EXPECT_EQ(failure->op_index + 1, trace.ops.size());
}

// That they agree means that the kernels break the law, too.
TEST_P(Vmemmap, KernelsDoTheSame) {
  const Trace trace = document().trace;
  AllMachines machines(AltmapVariant::kPatch);
  Lockstep lockstep(machines.all);
  lockstep.set_vmemmap_laws(false);
  const std::optional<Failure> failure = lockstep.Play(trace);
  EXPECT_FALSE(failure.has_value()) << Report(trace, *failure, path());
}

TEST_P(Vmemmap, IsRightInTheSoundVariant) {
  const Trace trace = document().trace;
  AllMachines machines(AltmapVariant::kSound);
  Lockstep lockstep(machines.all);
  const std::optional<Failure> failure = lockstep.Play(trace);
  EXPECT_FALSE(failure.has_value()) << Report(trace, *failure, path());
}

std::vector<std::string> Stems() {
  std::vector<std::string> stems;
  for (const auto& entry : fs::directory_iterator("corpus/vmemmap")) {
    stems.push_back(entry.path().stem());
  }
  std::sort(stems.begin(), stems.end());
  return stems;
}

INSTANTIATE_TEST_SUITE_P(Corpus, Vmemmap, testing::ValuesIn(Stems()),
                         [](const testing::TestParamInfo<std::string>& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// Plays the seed of the two probes up to where it reads /proc/iomem first, and
// to its end, on one machine.
struct Probes {
  State mapped, gone;
};

Probes PlayProbes(const TraceDocument& document, Machine& machine) {
  Probes probes;
  bool is_mapped = false;
  for (const Op& op : document.trace.ops) {
    machine.Apply(op);
    if (op.verb != Verb::kProc || is_mapped) continue;
    is_mapped = true;
    machine.Snapshot(&probes.mapped);
  }
  machine.Snapshot(&probes.gone);
  return probes;
}

// Returns `iomem` without the lines of separate resources.
std::string WithoutVmemmaps(absl::string_view iomem) {
  std::string text;
  while (!iomem.empty()) {
    const size_t line = iomem.find('\n') + 1;
    if (!absl::StrContains(iomem.substr(0, line), "Device Backed Vmemmap")) {
      absl::StrAppend(&text, iomem.substr(0, line));
    }
    iomem.remove_prefix(line);
  }
  return text;
}

// The map of corpus/iomem comes out of what drivers do, line for line.
TEST(Probes, MakeTheTreeAndTakeItAway) {
  const TraceDocument document = ReadTrace("corpus/seeds/nvdimm_probes.trace");
  const std::string want = ReadFile("corpus/iomem/device_backed_vmemmap.iomem");
  for (const AltmapVariant altmap :
       {AltmapVariant::kNone, AltmapVariant::kPatch, AltmapVariant::kSound}) {
    AllMachines machines(altmap);
    EXPECT_GE(machines.all.size(), 2u);
    for (Machine* const machine : machines.all) {
      if (!machine->Plays(Verb::kMemremap)) continue;
      SCOPED_TRACE(machine->name());
      const Probes probes = PlayProbes(document, *machine);
      EXPECT_EQ(IomemText(probes.mapped, document.trace.names),
                altmap == AltmapVariant::kNone ? WithoutVmemmaps(want) : want);
      EXPECT_EQ(IomemText(probes.gone, document.trace.names).find("namespace"),
                std::string::npos);
      EXPECT_TRUE(probes.gone.ledger.lookup.empty());
      EXPECT_TRUE(probes.gone.ledger.devres.empty());
      EXPECT_EQ(probes.gone.ledger.memory, MemoryUse());
      EXPECT_EQ(probes.gone.ledger.live, 0u);
    }
  }
}

}  // namespace
}  // namespace restree
