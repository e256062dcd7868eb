// SPDX-License-Identifier: Apache-2.0
#include "cli/machines.h"

#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "cli/machines_text.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/trace.h"
#include "nlohmann/json.hpp"

namespace restree {
namespace {

// What an older kernel is: a machine without some functions.
class OldModel : public Model {
 public:
  bool Plays(Verb verb) const override {
    return verb != Verb::kWalkSystemRamRev && verb != Verb::kFindSpace &&
           verb != Verb::kAllocateAgain;
  }
};

template <typename T>
std::unique_ptr<Machine> Make(AltmapVariant) {
  return std::make_unique<T>();
}

const MachineInfo kMachines[] = {
    {"oracle", "", "model/oracle.cc", "judge", Make<Model>},
    {"model", "", "model/model.cc", "judge", Make<Model>},
    {"linux-6.1", "6.1.174", "linux-source-6.1", "kernel/resource.c",
     Make<OldModel>},
    {"linux-6.12", "", "linux-source-6.12", "kernel/resource.c", nullptr,
     "no /usr/src/linux-source-6.12.tar.xz"},
    {"linux", "6.99.0", "LINUX_SRC", "kernel/resource.c", Make<Model>},
};

std::vector<std::string> NamesIn(absl::string_view list) {
  const absl::StatusOr<Selection> chosen = Select(list, kMachines);
  EXPECT_TRUE(chosen.ok()) << chosen.status();
  std::vector<std::string> names;
  if (!chosen.ok()) return names;
  for (const MachineInfo* info : chosen->under_test) {
    names.emplace_back(info->name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(SelectTest, AreAllThatAreAvailableWhereNoneIsNamed) {
  EXPECT_EQ(NamesIn(""), (Names{"linux-6.1", "linux"}));
}

TEST(SelectTest, AreThoseNamedOnceAndWithoutTheJudges) {
  EXPECT_EQ(NamesIn("linux,model,linux-6.1,linux"),
            (Names{"linux", "linux-6.1"}));
  EXPECT_EQ(NamesIn("oracle"), Names{});
}

TEST(SelectTest, SayWhyOneIsNotAvailable) {
  EXPECT_EQ(Select("linux,linux-6.12", kMachines).status(),
            absl::NotFoundError(
                "machine linux-6.12 is not available: no "
                "/usr/src/linux-source-6.12.tar.xz; available: oracle, model, "
                "linux-6.1, linux"));
  EXPECT_EQ(Select("linux-9.9", kMachines).status(),
            absl::NotFoundError(
                "machine linux-9.9 is not available in this build; available: "
                "oracle, model, linux-6.1, linux"));
  EXPECT_EQ(Select("linux,", kMachines).status(),
            absl::InvalidArgumentError("--machine=linux, has a name missing"));
}

TEST(SelectTest, OneVariantIsForAll) {
  const auto patch =
      Select("linux:altmap=patch,linux-6.1:altmap=patch", kMachines);
  ASSERT_TRUE(patch.ok()) << patch.status();
  EXPECT_EQ(patch->altmap, AltmapVariant::kPatch);
  EXPECT_EQ(NamesOf(*patch), "linux:altmap=patch,linux-6.1:altmap=patch");
  const auto sound = Select("model:altmap=sound", kMachines);
  ASSERT_TRUE(sound.ok()) << sound.status();
  EXPECT_EQ(NamesOf(*sound), "model:altmap=sound");
  EXPECT_TRUE(sound->under_test.empty());
  EXPECT_EQ(NamesIn("linux:altmap=none,linux-6.1"),
            (Names{"linux", "linux-6.1"}));
  EXPECT_EQ(Select("linux,linux-6.1:altmap=patch", kMachines).status(),
            absl::InvalidArgumentError(
                "--machine=linux,linux-6.1:altmap=patch mixes variants, which "
                "cannot be compared: end all names in the same :altmap=..."));
  EXPECT_EQ(Select("linux:altmap=patched", kMachines).status(),
            absl::InvalidArgumentError(
                "linux:altmap=patched ends in none of :altmap=none, "
                ":altmap=patch, :altmap=sound and :altmap=tree"));
}

TEST(SelectTest, ATreeThatRegistersAltmapsDoesSoAlone) {
  std::vector<MachineInfo> machines(std::begin(kMachines), std::end(kMachines));
  machines.back().has_altmap_resource = true;
  const auto names_in = [&machines](absl::string_view list) {
    const absl::StatusOr<Selection> chosen = Select(list, machines);
    return chosen.ok() ? NamesOf(*chosen) : chosen.status().ToString();
  };
  EXPECT_EQ(names_in("linux"), "linux:altmap=tree");
  EXPECT_EQ(names_in("oracle,linux"), "linux:altmap=tree");
  EXPECT_EQ(names_in("linux:altmap=tree"), "linux:altmap=tree");
  EXPECT_EQ(names_in("linux:altmap=none"), "linux");
  EXPECT_EQ(names_in("linux:altmap=sound"), "linux:altmap=sound");
  for (const char* list : {"", "linux,linux-6.1"}) {
    const absl::StatusOr<Selection> chosen = Select(list, machines);
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(chosen->altmap, AltmapVariant::kNone);
    EXPECT_TRUE(absl::StartsWith(chosen->note, "linux registers altmaps"));
  }
  EXPECT_EQ(Select("linux", machines)->note, "");
  EXPECT_EQ(Select("linux:altmap=tree", kMachines).status(),
            absl::NotFoundError(
                "machine linux:altmap=tree is not available: its struct "
                "vmem_altmap has no `parent` and `res`; available: oracle, "
                "model, linux-6.1, linux"));
}

TEST(MachinesTest, BeginWithTheJudges) {
  ASSERT_GE(Machines().size(), 2u);
  EXPECT_EQ(Machines()[0].name, "oracle");
  EXPECT_EQ(Machines()[1].name, "model");
  for (const MachineInfo& judge : Judges()) {
    const std::unique_ptr<Machine> machine = judge.make(AltmapVariant::kNone);
    EXPECT_EQ(machine->name(), judge.name);
    for (int i = 0; i < kVerbs; ++i) {
      EXPECT_TRUE(machine->Plays(static_cast<Verb>(i)));
    }
  }
  for (const MachineInfo& info : Machines()) {
    EXPECT_EQ(info.make == nullptr, !info.why_not.empty()) << info.name;
  }
}

TEST(MachinesTextTest, NamesWhatAMachineCannotPlay) {
  EXPECT_EQ(
      MachinesText(kMachines),
      "oracle       -        model/oracle.cc    judge; plays 71 of 71 verbs\n"
      "model        -        model/model.cc     judge; plays 71 of 71 verbs\n"
      "linux-6.1    6.1.174  linux-source-6.1   kernel/resource.c; plays 68 of "
      "71 verbs, not allocate, walk_system_ram_res_rev, find_resource_space\n"
      "linux-6.12   -        linux-source-6.12  not available: no "
      "/usr/src/linux-source-6.12.tar.xz\n"
      "linux        6.99.0   LINUX_SRC          kernel/resource.c; plays 71 of "
      "71 verbs\n");
}

TEST(MachinesTextTest, SaysTheSameAsJson) {
  const auto list = nlohmann::json::parse(MachinesJson(kMachines));
  ASSERT_EQ(list.size(), 5u);
  EXPECT_EQ(list[2]["name"], "linux-6.1");
  EXPECT_EQ(list[2]["version"], "6.1.174");
  EXPECT_EQ(list[2]["available"], true);
  EXPECT_EQ(list[2]["verbs"], 71);
  EXPECT_EQ(list[2]["cannot_play"],
            nlohmann::json({"allocate", "walk_system_ram_res_rev",
                            "find_resource_space"}));
  EXPECT_EQ(list[3]["available"], false);
  EXPECT_EQ(list[3]["why_not"], "no /usr/src/linux-source-6.12.tar.xz");
  EXPECT_FALSE(list[3].contains("verbs"));
  EXPECT_EQ(list[4]["cannot_play"], nlohmann::json::array());
}

}  // namespace
}  // namespace restree
