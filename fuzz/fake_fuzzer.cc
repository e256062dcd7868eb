// SPDX-License-Identifier: Apache-2.0
//
// What hunt_test hunts with: takes libFuzzer's flags, counts runs that it does
// not make, and behaves as FAKE_FUZZER in the environment says:
//
//   clean     nothing happens
//   finding   one failure is found again and again
//   crash     dies with the report of a sanitizer soon after each start
//   seed      does so if the corpus holds the seed "poison"
//   die       exits at once
//   killed    gets SIGKILL soon after each start
//   idle      does not count a run
//   stubborn  does not hear SIGTERM
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "fuzz/stats.h"

namespace restree {
namespace {

std::string Get(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

[[noreturn]] void Crash(const std::string& prefix) {
  const std::string artifact = prefix + "crash-0123";
  std::ofstream(artifact) << "poison";
  std::fprintf(stderr,
               "==%d==ERROR: AddressSanitizer: heap-use-after-free on 0x602\n"
               "    #0 0x5 in __asan_memcpy (fake+0x5)\n"
               "    #1 0x6 in restree::Tree::Insert(int) tree.cc:1:2\n"
               "\n"
               "SUMMARY: AddressSanitizer: heap-use-after-free tree.cc:1:2\n"
               "MS: 0 ; base unit: 0000\n"
               "artifact_prefix='%s'; Test unit written to %s\n",
               getpid(), prefix.c_str(), artifact.c_str());
  std::_Exit(1);
}

int Main(int argc, char** argv) {
  const std::string mode = Get("FAKE_FUZZER");
  if (mode == "die") return 3;
  if (mode == "stubborn") std::signal(SIGTERM, SIG_IGN);
  std::string prefix;
  for (int i = 1; i < argc; ++i) {
    absl::string_view flag = argv[i];
    if (absl::ConsumePrefix(&flag, "-artifact_prefix=")) {
      prefix = std::string(flag);
    }
  }
  const std::string poisoned =
      absl::StrCat(argv[argc - 1], "/seed-",
                   absl::Hex(StableHash("poison"), absl::kZeroPad16));
  auto stats = Stats::Open(Get("RESTREE_STATS"));
  if (!stats.ok()) return 2;
  std::fprintf(stderr, "INFO: pid %d\nINFO: %s\n#2\tINITED cov: 5 ft: 7\n",
               getpid(), argv[0]);
  if (mode == "idle") pause();
  for (uint64_t run = 0;; ++run) {
    stats->CountRun(10, 1);
    stats->CountState(run % 100);
    if (mode == "finding") {
      const std::string half = absl::StrCat(Get("RESTREE_STATS"), getpid());
      std::ofstream(half) << "# state-insert\n#\n# it is wrong\nrelease r0\n";
      std::filesystem::rename(half,
                              Get("RESTREE_FINDINGS") + "/state-insert.trace");
      stats->CountFinding(StableHash("state-insert"));
    }
    if (mode == "killed" && run == 20) kill(getpid(), SIGKILL);
    if (mode == "crash" && run == 20) Crash(prefix);
    if (mode == "seed" && std::filesystem::exists(poisoned)) {
      Crash(prefix);
    }
    usleep(2000);
  }
}

}  // namespace
}  // namespace restree

int main(int argc, char** argv) { return restree::Main(argc, argv); }
