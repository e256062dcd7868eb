// SPDX-License-Identifier: Apache-2.0
#include "fuzz/die.h"

#include <execinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/debugging/symbolize.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/trace.h"
#include "properties/divergence.h"
#include "properties/invariants.h"
#include "properties/laws.h"

namespace restree {
namespace {

int stack_pipe[2];

// Writes the names of the stack that abort() was called on.
void WriteStack(int) {
  void* frames[16];
  const int depth = backtrace(frames, 16);
  for (int i = 0; i < depth; ++i) {
    char name[256];
    if (!absl::Symbolize(static_cast<char*>(frames[i]) - 1, name,
                         sizeof(name) - 1)) {
      continue;
    }
    std::strcat(name, "\n");
    (void)!write(stack_pipe[1], name, std::strlen(name));
  }
  _exit(7);
}

// Returns the functions of the stack that a process dies on.
std::vector<std::string> StackOf(const std::string& signature) {
  EXPECT_EQ(pipe(stack_pipe), 0);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, WriteStack);
    DieAs(signature);
  }
  close(stack_pipe[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(stack_pipe[0], buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, got);
  }
  close(stack_pipe[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7) << signature;
  return absl::StrSplit(text, '\n');
}

// Whether the frames stand one on the other, and on DieAs().
bool Shows(const std::vector<std::string>& stack,
           const std::string& signature) {
  const auto frames = FramesOf(signature);
  const auto is = [](const std::string& line, absl::string_view name) {
    return line == absl::StrCat("(anonymous namespace)::", name, "()");
  };
  const auto found =
      std::search(stack.begin(), stack.end(), frames.begin(), frames.end(), is);
  return stack.end() - found > 3 &&
         absl::StrContains(*(found + frames.size()), "DieAs");
}

std::vector<absl::string_view> AllThatFails() {
  std::vector<absl::string_view> names = {"DigestMatchesState"};
  for (const Law& law : kLaws) names.push_back(law.name);
  for (const Law& law : kVmemmapLaws) names.push_back(law.name);
  for (const Invariant& invariant : kInvariants) {
    names.push_back(invariant.name);
  }
  for (const Divergence& it : kDivergences) names.push_back(it.name);
  return names;
}

TEST(DieAs, HasAFunctionForAllThatFails) {
  for (const absl::string_view name : AllThatFails()) {
    EXPECT_EQ(FramesOf(absl::StrCat(name, ".insert.ok.covers"))[0], name);
  }
  EXPECT_EQ(FramesOf("observation.insert.ok-EBUSY.covers")[0], "Observation");
  EXPECT_EQ(FramesOf("state.insert.parent.covers")[0], "State");
  EXPECT_EQ(FramesOf("kernel-BUG.release_resource")[0], "KernelBug");
  EXPECT_EQ(FramesOf("kernel-WARN.release_resource")[0], "KernelWarning");
}

TEST(DieAs, HasAFunctionForEachVerb) {
  std::set<absl::string_view> names;
  for (int i = 0; i < kVerbs; ++i) {
    const absl::string_view verb = InfoOf(static_cast<Verb>(i)).name;
    const absl::string_view frame =
        FramesOf(absl::StrCat("state.", verb, ".parent.covers"))[1];
    EXPECT_EQ(frame, absl::StrCat("op_", verb));
    names.insert(frame);
  }
  for (const absl::string_view name : AllThatFails()) {
    EXPECT_FALSE(names.contains(name)) << name;
  }
}

TEST(DieAs, IsOnTheStack) {
  absl::InitializeSymbolizer(nullptr);
  const std::vector<absl::string_view> names = AllThatFails();
  for (size_t i = 0; i < names.size(); ++i) {
    const absl::string_view verb = InfoOf(static_cast<Verb>(i % kVerbs)).name;
    const std::string signature = absl::StrCat(names[i], ".", verb, ".", i);
    const std::vector<std::string> stack = StackOf(signature);
    EXPECT_TRUE(Shows(stack, signature)) << signature << "\n"
                                         << absl::StrJoin(stack, "\n");
  }
}

// As ClusterFuzz has it: 1 for equal names, 0.5 for those of equal length
// without a letter in common.
double Likeness(absl::string_view a, absl::string_view b) {
  std::vector<size_t> costs(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) costs[j] = j;
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(costs[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = costs[j + 1];
      costs[j + 1] = std::min({changed, diagonal + 1, costs[j] + 1});
    }
  }
  return 1 - static_cast<double>(costs.back()) / (a.size() + b.size());
}

TEST(FramesOf, SaysTheRestInWordsThatLookUnlike) {
  std::set<absl::string_view> words;
  for (int i = 0; i < 10000; ++i) {
    const auto frames = FramesOf(absl::StrCat("state.insert.", i, ".covers"));
    words.insert(frames[2]);
  }
  EXPECT_EQ(words.size(), 64);
  for (const absl::string_view a : words) {
    for (const absl::string_view b : words) {
      if (a < b) EXPECT_LE(Likeness(a, b), 0.67) << a << " " << b;
    }
  }
}

TEST(FramesOf, MakesAWordOfWhatItDoesNotKnow) {
  for (const char* signature :
       {"", ".", "...", "Unheard", "heap-use-after-free.__release_resource",
        "state", "state.", "\xff.\0.x"}) {
    for (const absl::string_view frame : FramesOf(signature)) {
      EXPECT_FALSE(frame.empty());
    }
  }
}

}  // namespace
}  // namespace restree
