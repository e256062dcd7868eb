// SPDX-License-Identifier: Apache-2.0
//
// Trace text, for a person to read, diff and edit. A line is an op, a comment,
// both, or nothing; spaces separate the tokens of a line, any number of them.
//
//   trace       = { line "\n" } [ line ]
//   line        = [ op [ "->" expectation ] ] [ comment ]
//   op          = [ rN "=" ] VERB { field }
//   expectation = OUTCOME { result } [ "(" { WORD } ]
//   result      = slot | number | range | "visits=" number | "lines=" number
//               | "warn=" WARNING | "..."
//   comment     = "#" { any byte but control characters; tabs are allowed }
//
// The fields of a verb, and their order, are those of InfoOf(verb). A verb of
// two forms has the `rN =` in the one that defines a resource.
//
//   kParent, kSlot   slot
//   kRange, kPfns    range
//   kAddress, kPfn   number
//   kSize, kAlign    "size=" number, "align=" number
//   kTimes           "times=" number
//   kName            [ string ]
//   kFlags           { FLAG | number }        no bit twice
//   kDesc            [ "desc=" ( DESC | number ) ]
//   kStop            [ "stop=" number ]       32 bits
//   kNth             "nth=" number            32 bits
//   kDevice, kList   dN, lN                   N decimal, d0 to d255, l0 to l255
//   kIsaAlign        [ "isa_align" ]
//   kUnprivileged    [ "unprivileged" ]
//   kRelaxed         "relaxed" | "strict"
//
//   slot    = "iomem" | "ioport" | rN    N decimal, r0 to r16777213
//   range   = number "-" number          both ends included, may be inverted
//   number  = decimal | "0x" hex         64 bits
//   string  = '"' { byte | escape } '"'  no control characters
//   escape  = "\\" ( '"' | "\\" | "n" | "r" | "t" | "x" H H )
//
// VERB, OUTCOME, WARNING, FLAG and DESC are the words of InfoOf(),
// OutcomeText(), IsWarningWord(), FlagOf() and DescOf(). The parser takes the
// fields of a line in no other order. The printer writes one space between
// tokens and two before the comment of an op, numbers in lower-case hexadecimal
// (those that count something in decimal: stop, nth, times, visits, lines),
// flags as FlagsText() does, strings in ASCII, and leaves out what is 0 and may
// be.
#include "model/trace_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"
#include "model/trace_token.h"

namespace restree {
namespace {

void AppendRange(const Range& range, std::string* text) {
  absl::StrAppend(text, " 0x", absl::Hex(range.start), "-0x",
                  absl::Hex(range.end));
}

void AppendField(Field field, const Op& op, const Trace& trace,
                 std::string* text) {
  switch (field) {
    case Field::kDefines:
      break;  // It stands before the verb.
    case Field::kParent:
      absl::StrAppend(text, " ", SlotText(op.parent));
      break;
    case Field::kSlot:
      absl::StrAppend(text, " ", SlotText(op.slot));
      break;
    case Field::kRange:
    case Field::kPfns:
      AppendRange(op.range, text);
      break;
    case Field::kAddress:
    case Field::kPfn:
      absl::StrAppend(text, " 0x", absl::Hex(op.range.start));
      break;
    case Field::kSize:
      absl::StrAppend(text, " size=0x", absl::Hex(op.size));
      break;
    case Field::kAlign:
      absl::StrAppend(text, " align=0x", absl::Hex(op.align));
      break;
    case Field::kName:
      if (op.name < 1 || op.name > trace.names.size()) break;
      text->push_back(' ');
      AppendQuoted(trace.names[op.name - 1], text);
      break;
    case Field::kFlags:
      if (op.flags != 0) absl::StrAppend(text, " ", FlagsText(op.flags));
      break;
    case Field::kDesc:
      if (op.desc != 0) absl::StrAppend(text, " desc=", DescText(op.desc));
      break;
    case Field::kTimes:
      absl::StrAppend(text, " times=", op.size);
      break;
    case Field::kStop:
      if (op.number != 0) absl::StrAppend(text, " stop=", op.number);
      break;
    case Field::kNth:
      absl::StrAppend(text, " nth=", op.number);
      break;
    case Field::kDevice:
      absl::StrAppend(text, " d", op.number);
      break;
    case Field::kList:
      absl::StrAppend(text, " l", op.number);
      break;
    case Field::kIsaAlign:
      if (op.number != 0) absl::StrAppend(text, " isa_align");
      break;
    case Field::kUnprivileged:
      if (op.number != 0) absl::StrAppend(text, " unprivileged");
      break;
    case Field::kRelaxed:
      absl::StrAppend(text, op.number != 0 ? " relaxed" : " strict");
      break;
  }
}

void AppendOp(const Op& op, const Trace& trace, std::string* text) {
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kDefines)) {
    absl::StrAppend(text, SlotText(op.slot), " = ");
  }
  absl::StrAppend(text, info.name);
  for (const Field field : info.fields) AppendField(field, op, trace, text);
}

}  // namespace

std::string PrintTrace(const TraceDocument& document) {
  std::string text;
  for (const TraceLine& line : document.lines) {
    if (line.op) AppendOp(document.trace.ops[*line.op], document.trace, &text);
    if (!line.expectation.empty()) {
      absl::StrAppend(&text, " -> ", line.expectation);
    }
    if (!line.comment.empty()) {
      absl::StrAppend(&text, line.op ? "  " : "", line.comment);
    }
    text.push_back('\n');
  }
  return text;
}

std::string PrintTrace(const Trace& trace) {
  std::string text;
  for (const Op& op : trace.ops) {
    AppendOp(op, trace, &text);
    text.push_back('\n');
  }
  return text;
}

std::string OpText(const Op& op, const Trace& trace) {
  std::string text;
  AppendOp(op, trace, &text);
  return text;
}

}  // namespace restree
