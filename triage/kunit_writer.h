// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_KUNIT_WRITER_H_
#define RESTREE_TRIAGE_KUNIT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "triage/export.h"
#include "triage/recording.h"

namespace restree {

// Writes the body of a KUnit case from what a sound machine made of a trace:
// each op a call, each outcome an expectation, and behind the step that the
// test is about the tree, link by link.
class KunitWriter {
 public:
  KunitWriter(const Recording& sound, const ExportInfo& info)
      : sound_(sound), info_(info) {}

  // Unimplemented says which op no KUnit test can do.
  absl::Status Write();

  // What Write() has made.
  const std::string& declarations() const { return declarations_; }
  const std::string& body() const { return body_; }

  // Functions and types that these need before them.
  std::string Helpers() const;

 private:
  // The variable that stands for the resource in a slot. Every op that defines
  // one gets another, as its memory is another's.
  struct Variable {
    std::string name;
    bool is_pointer = false;  // to a resource that the kernel made
    uint64_t flags = 0;       // as it was defined
    uint64_t desc = 0;
  };

  absl::Status CheckRoot() const;
  absl::Status WriteOp(size_t step);
  bool Place(const Op& op, const Observation& seen);
  bool Leave(const Op& op, const Observation& seen);
  bool Regions(const Op& op, const Observation& seen);
  bool Ask(const Op& op, const Observation& seen);
  bool Compare(const Op& op, const Observation& seen);
  bool Walk(const Op& op, const Observation& seen);

  // kunit_state.cc: what the machine shows.
  void FindPieces(const State& before, const State& after);
  void ExpectState(const Op& op, const State& before, const State& after);
  void ExpectRow(const Op& op, const State& before, const State& after,
                 size_t i);
  void CleanUp(const State& after);

  void DefineOwn(const Op& op);
  void AskForResult();
  std::string Pointer(Slot slot) const;  // "&r1", "r2", "NULL"
  std::string Member(Slot slot, absl::string_view member) const;  // "r1.start"
  std::string Address(uint64_t address) const;
  std::string Pfn(uint64_t pfn) const;
  std::string NameText(const Op& op) const;

  void Say(absl::string_view statement);
  void Paragraph();  // a blank line, unless there is one
  void Expect(absl::string_view relation, absl::string_view left,
              absl::string_view right);

  const Recording& sound_;
  const ExportInfo& info_;
  std::string declarations_;
  std::string body_;
  absl::flat_hash_map<Slot, Variable> variables_;
  absl::flat_hash_map<Slot, int> definitions_;
  std::string storage_;  // "static " where the stack will not do
  bool uses_result_ = false;
  bool uses_walk_ = false;
  bool uses_pfns_ = false;
  bool uses_isa_align_ = false;
  bool removes_ = false;
};

// Returns why no KUnit test can do `op`, which a sound machine saw as `seen`;
// "" if it can.
absl::string_view NoWordFor(const Op& op, const Observation& seen);

// The verbs that are about iomem_resource, though they do not name it.
bool IsAboutIomem(Verb verb);

// The hole that a trace of such addresses needs; 0 if none will do.
uint64_t HoleBytes(const Recording& sound);

}  // namespace restree

#endif  // RESTREE_TRIAGE_KUNIT_WRITER_H_
